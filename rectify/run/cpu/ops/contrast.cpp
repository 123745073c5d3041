// contrast_weights, contrast_biases, contrast_sums, moving_mean, sparsity_pull
// (graph/ops/contrast.cpp).

#include <algorithm>
#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/sparse/contrast_product.h"

namespace rectify::run::cpu::ops {

namespace {

Step weights(const Lowering& l) {
  return [sink = l.sink, product = std::make_shared<ContrastProduct>(l)] { product->run(sink); };
}

/// mean[c] = factor times the sum over the rows of x[r][c].
void mean_of_rows(ThreadPool& threads, const float* x, float* mean, std::size_t rows,
                  std::size_t width) {
  constexpr std::size_t columns_a_tile = 128;
  threads.run((width + columns_a_tile - 1) / columns_a_tile, [&](std::size_t tile) {
    const std::size_t first = tile * columns_a_tile;
    const std::size_t count = std::min(columns_a_tile, width - first);
    loops().sum_rows(x + first, mean + first, static_cast<std::int64_t>(rows),
                     static_cast<std::int64_t>(count), static_cast<std::int64_t>(width));
    for (std::size_t c = first; c < first + count; ++c) mean[c] /= static_cast<float>(rows);
  });
}

Step biases(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape[0]);
  const bool centred = l.inputs.size() > 2;
  const bool visible = l.node.attributes.word("side") == "visible";
  std::size_t others = 0;  // units on the other side
  if (centred) others = l.input_size(3);
  return [&threads = l.threads, x0 = l.input<float>(0), x1 = l.input<float>(1),
          d = centred ? l.input<float>(2) : nullptr, offset = centred ? l.input<float>(3) : nullptr,
          y = l.output<float>(), rows0 = l.input_size(0) / width, rows1 = l.input_size(1) / width,
          width, others, visible, data = std::vector<float>(width)]() mutable {
    mean_of_rows(threads, x1, y, rows1, width);
    mean_of_rows(threads, x0, data.data(), rows0, width);
    for (std::size_t c = 0; c < width; ++c) y[c] -= data[c];
    if (!d) return;
    std::vector<float>& moved = data;
    std::ranges::fill(moved, 0.0f);
    const auto rows = static_cast<std::int64_t>(visible ? width : others);
    const auto columns = static_cast<std::int64_t>(visible ? others : width);
    if (visible)
      loops().dot_rows(d, offset, moved.data(), rows, columns);
    else
      loops().add_scaled_rows(offset, d, moved.data(), rows, columns, columns);
    for (std::size_t c = 0; c < width; ++c) y[c] -= moved[c];
  };
}

Step sums(const Lowering& l) {
  const double count =
      static_cast<double>(l.node.attributes.integer("places")) * static_cast<double>(l.batch);
  return [&threads = l.threads, a = l.input<float>(0), b = l.input<float>(1), y = l.output<float>(),
          size = l.output_size(), factor = static_cast<float>(1 / count)] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      for (std::size_t i = first; i < first + n; ++i) y[i] = (a[i] - b[i]) * factor;
    });
  };
}

Step moving_mean(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape[0]);
  return [&threads = l.threads, x = l.input<float>(0), s = l.input<float>(1), y = l.output<float>(),
          rows = l.input_size(0) / width, width,
          rate = static_cast<float>(l.node.attributes.number("rate"))] {
    mean_of_rows(threads, x, y, rows, width);
    for (std::size_t c = 0; c < width; ++c) y[c] = (1 - rate) * s[c] + rate * y[c];
  };
}

Step sparsity_pull(const Lowering& l) {
  const auto width = static_cast<std::size_t>(l.node.type.shape.back());
  return [&threads = l.threads, x = l.input<float>(0), s = l.input<float>(1), y = l.output<float>(),
          rows = l.output_size() / width, width,
          target = static_cast<float>(l.node.attributes.number("target")),
          cost = static_cast<float>(l.node.attributes.number("cost"))] {
    for_rows(threads, rows, width, [&](std::size_t first, std::size_t count) {
      for (std::size_t r = first; r < first + count; ++r)
        for (std::size_t c = 0; c < width; ++c)
          y[r * width + c] = x[r * width + c] - cost * (s[c] - target);
    });
  };
}

std::string_view by_onednn(const Lowering&) { return "oneDNN"; }

}  // namespace

std::span<const Kernel> contrast() {
  static const Kernel all[] = {
      {.op = "contrast_weights", .lower = weights, .sinks = true, .implementation = by_onednn},
      {.op = "contrast_biases", .lower = biases},
      {.op = "contrast_sums", .lower = sums},
      {.op = "moving_mean", .lower = moving_mean},
      {.op = "sparsity_pull", .lower = sparsity_pull}};
  return all;
}

}  // namespace rectify::run::cpu::ops
