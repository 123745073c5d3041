#pragma once

#include <cstddef>
#include <cstdint>

namespace rectify::verify {

/// Loops over coefficients of linear functions. A block of coefficients has a row for each neuron
/// of a list, and a column for each function: `columns` numbers, a multiple of 8.
struct Kernels {
  /// out[k] (+)= the sum over i of weights[js[k] * stride + is[i]] * in[i]: coefficients of a
  /// layer's numbers `is` become those of the numbers `js` that it is computed from.
  void (*product)(const double* weights, std::size_t stride, const std::uint32_t* js,
                  std::size_t count, const std::uint32_t* is, std::size_t terms, const double* in,
                  double* out, std::size_t columns, bool add);

  /// x[k] = x[k] * (x[k] >= 0 ? above[k] : below[k]).
  void (*scale)(double* x, const double* above, const double* below, std::size_t count,
                std::size_t columns);

  /// sums += x[k] * (x[k] >= 0 ? above[k] : below[k]), summed over k.
  void (*add_constants)(const double* x, const double* above, const double* below,
                        std::size_t count, std::size_t columns, double* sums);

  /// to += x * factor.
  void (*add_scaled)(const double* x, double factor, std::size_t columns, double* to);

  /// For each o < out: middle += weights[o] * m, radius += |weights[o]| * r, size += |weights[o]| *
  /// s, for the weights of one input.
  void (*forward)(const double* weights, std::size_t out, double m, double r, double s,
                  double* middle, double* radius, double* size);

  /// The sums over o < n of weights[o] * x[o] and of |weights[o]| * r[o].
  void (*dot)(const double* weights, const double* x, const double* r, std::size_t n, double* sum,
              double* spread);
};

/// The kernels for the instruction set in force.
const Kernels& kernels();

}  // namespace rectify::verify
