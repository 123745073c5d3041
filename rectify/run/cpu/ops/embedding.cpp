#include <algorithm>
#include <limits>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

/// The row that a number names, or -1 for one that is no id.
std::int64_t row_of(float id, std::int64_t ids) {
  if (!(id >= 0 && id < static_cast<float>(ids))) return -1;
  const auto row = static_cast<std::int64_t>(id);
  return static_cast<float>(row) == id ? row : -1;
}

Step forward(const Lowering& l) {
  const Shape& weight = l.graph.input(l.node, 1).type.shape;
  return [&threads = l.threads, x = l.input<float>(0), w = l.input<float>(1), y = l.output<float>(),
          places = l.input_size(0), ids = weight[0], units = static_cast<std::size_t>(weight[1])] {
    for_rows(threads, places, units, [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i) {
        const std::int64_t row = row_of(x[i], ids);
        if (row >= 0)
          std::copy_n(w + static_cast<std::size_t>(row) * units, units, y + i * units);
        else
          std::fill_n(y + i * units, units, std::numeric_limits<float>::quiet_NaN());
      }
    });
  };
}

// Tiles are columns, each a cache line wide: every place adds to the row of its id, in order.
Step gradient(const Lowering& l) {
  static constexpr std::size_t a_tile = 16;
  const Shape& shape = l.node.type.shape;
  return
      [&threads = l.threads, x = l.input<float>(0), dy = l.input<float>(1), dw = l.output<float>(),
       places = l.input_size(0), ids = shape[0], units = static_cast<std::size_t>(shape[1])] {
        threads.run((units + a_tile - 1) / a_tile, [&](std::size_t tile) {
          const std::size_t first = tile * a_tile, count = std::min(a_tile, units - first);
          for (std::int64_t row = 0; row < ids; ++row)
            std::fill_n(dw + static_cast<std::size_t>(row) * units + first, count, 0.0f);
          for (std::size_t i = 0; i < places; ++i) {
            const std::int64_t row = row_of(x[i], ids);
            if (row < 0) continue;
            float* const to = dw + static_cast<std::size_t>(row) * units + first;
            const float* const from = dy + i * units + first;
            for (std::size_t j = 0; j < count; ++j) to[j] += from[j];
          }
        });
      };
}

}  // namespace

std::span<const Kernel> embedding() {
  static const Kernel all[] = {{.op = "embedding", .lower = forward},
                               {.op = "embedding_weight_gradient", .lower = gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
