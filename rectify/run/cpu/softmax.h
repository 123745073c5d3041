#pragma once

#include <cstddef>

namespace rectify::run::cpu {

/// softmax and log_softmax of `rows` rows of `width` floats each, and their gradients from the
/// value y; graph/ops/softmax.cpp says what they do with infinite numbers. y may be x, dx may be
/// dy. Built once for each instruction set.
struct SoftmaxLoops {
  void (*softmax)(const float* x, float* y, std::size_t rows, std::size_t width);
  void (*log_softmax)(const float* x, float* y, std::size_t rows, std::size_t width);
  void (*softmax_gradient)(const float* y, const float* dy, float* dx, std::size_t rows,
                           std::size_t width);
  void (*log_softmax_gradient)(const float* y, const float* dy, float* dx, std::size_t rows,
                               std::size_t width);
};

/// The loops for this processor.
const SoftmaxLoops& softmax_loops();

}  // namespace rectify::run::cpu
