#pragma once

#include "rectify/graph/window.h"
#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/pool_loops.h"

namespace rectify::run::cpu {

/// Steps that pool the first input, or take its gradient back to the image, over tiles of rows or
/// of samples. A second input of a gradient is the image that was pooled.
template <class Number>
Step pool_step(const Lowering& lowering, const PoolSize& size, PoolRow<Number> loop);
template <class Number>
Step pool_gradient_step(const Lowering& lowering, const PoolSize& size, PoolGradient<Number> loop);

PoolSize pool_size(const graph::Window& window, std::int64_t channels);
/// One window over the whole image.
PoolSize whole_image(const Shape& image);

}  // namespace rectify::run::cpu
