#pragma once

#include <cstdint>

#include "rectify/base/bfloat16.h"

namespace rectify::run::cpu {

/// A window over images with channels last, as graph::Window has it, without dilation.
struct PoolSize {
  std::int64_t channels;
  std::int64_t in_height, in_width, out_height, out_width;
  std::int64_t height, width, stride_y, stride_x, before_y, before_x;
};

/// The numbers of one row of places of one sample's image x: `to` has width x channels.
template <class Number>
using PoolRow = void (*)(const PoolSize& size, const Number* x, std::int64_t row, Number* to);
/// The gradient in the image from that in all its places; x may be null for means.
template <class Number>
using PoolGradient = void (*)(const PoolSize& size, const Number* x, const Number* dy, Number* dx);

/// Pooling of floats or bfloat16. Built once for each instruction set.
struct PoolLoops {
  PoolRow<float> largest, mean;
  PoolGradient<float> largest_gradient, mean_gradient;
  PoolRow<bfloat16> largest_bfloat16;
  PoolGradient<bfloat16> largest_gradient_bfloat16;
};

/// The loops for this processor.
const PoolLoops& pool_loops();

}  // namespace rectify::run::cpu
