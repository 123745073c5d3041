#include "rectify/run/cpu/pool.h"

#include <algorithm>

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(PoolLoops, pool_loops)

PoolSize pool_size(const graph::Window& window, std::int64_t channels) {
  const graph::WindowAxis &y = window.y, &x = window.x;
  return {.channels = channels,
          .in_height = y.in,
          .in_width = x.in,
          .out_height = y.out,
          .out_width = x.out,
          .height = y.size,
          .width = x.size,
          .stride_y = y.stride,
          .stride_x = x.stride,
          .before_y = y.before,
          .before_x = x.before};
}

PoolSize whole_image(const Shape& image) {
  const auto axis = [](std::int64_t in) {
    return graph::WindowAxis{.in = in, .size = in, .out = 1};
  };
  return pool_size({axis(image[0]), axis(image[1])}, image[2]);
}

template <class Number>
Step pool_step(const Lowering& l, const PoolSize& size, PoolRow<Number> loop) {
  const auto height = static_cast<std::size_t>(size.out_height);
  const auto width = static_cast<std::size_t>(size.out_width * size.channels);
  const auto image = static_cast<std::size_t>(size.in_height * size.in_width * size.channels);
  return [&threads = l.threads, x = l.input<Number>(0), y = l.output<Number>(), fused = l.fused,
          rows = static_cast<std::size_t>(l.batch) * height, size, loop, height, width, image] {
    const std::size_t read = image / height;  // by a row, or nearly: what a tile is measured by
    for_rows(threads, rows, std::max(read, width), [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row)
        loop(size, x + row / height * image, static_cast<std::int64_t>(row % height),
             y + row * width);
      fused(first * width, count * width);
    });
  };
}

template <class Number>
Step pool_gradient_step(const Lowering& l, const PoolSize& size, PoolGradient<Number> loop) {
  const auto places = static_cast<std::size_t>(size.out_height * size.out_width * size.channels);
  const auto image = static_cast<std::size_t>(size.in_height * size.in_width * size.channels);
  const Number* const x = l.inputs.size() > 1 ? l.input<Number>(1) : nullptr;
  return [&threads = l.threads, x, dy = l.input<Number>(0), dx = l.output<Number>(),
          fused = l.fused, samples = static_cast<std::size_t>(l.batch), size, loop, places, image] {
    for_rows(threads, samples, std::max(image, places), [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i)
        loop(size, x ? x + i * image : nullptr, dy + i * places, dx + i * image);
      fused(first * image, count * image);
    });
  };
}

template Step pool_step(const Lowering&, const PoolSize&, PoolRow<float>);
template Step pool_step(const Lowering&, const PoolSize&, PoolRow<bfloat16>);
template Step pool_gradient_step(const Lowering&, const PoolSize&, PoolGradient<float>);
template Step pool_gradient_step(const Lowering&, const PoolSize&, PoolGradient<bfloat16>);

}  // namespace rectify::run::cpu
