#pragma once

#include <cstddef>

namespace rectify::pretrain {

/// Loops over the units of a machine, compiled for each instruction set (loops.kernel.cpp). Sums
/// are always taken in the same order on one set.
struct LikelihoodLoops {
  /// The sum of ln(1 + exp(x)).
  double (*softplus_sum)(const float* x, std::size_t n);
  /// The sum of ln(1 + exp(to x)) - ln(1 + exp(from x)), 0 <= from <= to, as exact as the
  /// differences are small.
  double (*softplus_gain)(const float* x, std::size_t n, double from, double to);
  /// The sum of a b.
  double (*dot)(const float* a, const float* b, std::size_t n);
  /// y = scale x + offset; y may be x.
  void (*scaled)(const float* x, const float* offset, float scale, float* y, std::size_t n);
};

/// Those of the instruction set in force.
const LikelihoodLoops& likelihood_loops();

}  // namespace rectify::pretrain
