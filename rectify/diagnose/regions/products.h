#pragma once

#include <cstddef>

namespace rectify::diagnose {

/// The products of vectors with weights, for the instruction set in force; the same bits in all of
/// them.
struct Products {
  /// y[o] += sum over i of x[i] weights[i stride + o], for `units` outputs. Zeros of x are skipped:
  /// what a rectifier has switched off is exactly 0 in every row.
  void (*add)(const double* x, std::size_t inputs, const double* weights, std::size_t stride,
              std::size_t units, double* y);
};
const Products& products();

}  // namespace rectify::diagnose
