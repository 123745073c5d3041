#pragma once

#include <cstddef>

namespace rectify::run::cpu {

/// softmax and log_softmax of `rows` rows of `width` floats each, and their gradients from the
/// value y; graph/ops/softmax.cpp says what they do with infinite numbers. y may be x, dx may be
/// dy. Built once for each instruction set.
struct SoftmaxLoops {
  using Forward = void (*)(const float* x, float* y, std::size_t rows, std::size_t width);
  using Gradient = void (*)(const float* y, const float* dy, float* dx, std::size_t rows,
                            std::size_t width);
  Forward softmax, log_softmax;
  Gradient softmax_gradient, log_softmax_gradient;
};

/// The loops for this processor.
const SoftmaxLoops& softmax_loops();

}  // namespace rectify::run::cpu
