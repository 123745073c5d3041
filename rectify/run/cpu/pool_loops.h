#pragma once

#include <cstdint>

namespace rectify::run::cpu {

/// A window over images with channels last, as graph::Window has it, without dilation.
struct PoolSize {
  std::int64_t channels;
  std::int64_t in_height, in_width, out_height, out_width;
  std::int64_t height, width, stride_y, stride_x, before_y, before_x;
};

/// Pooling of one sample's image x. Built once for each instruction set.
struct PoolLoops {
  /// The numbers of one row of places: `to` has width x channels.
  using Row = void (*)(const PoolSize& size, const float* x, std::int64_t row, float* to);
  /// The gradient in the image from that in all its places; x may be null for means.
  using Gradient = void (*)(const PoolSize& size, const float* x, const float* dy, float* dx);
  Row largest, mean;
  Gradient largest_gradient, mean_gradient;
};

/// The loops for this processor.
const PoolLoops& pool_loops();

}  // namespace rectify::run::cpu
