#include "rectify/graph/positions.h"

#include <algorithm>
#include <memory>
#include <vector>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

std::vector<float> sinusoids(const Shape& shape) {
  std::vector<float> table(static_cast<std::size_t>(shape.size()));
  const std::int64_t channels = shape.back();
  for (std::int64_t i = 0; i < shape.size(); ++i)
    table[static_cast<std::size_t>(i)] =
        static_cast<float>(graph::sinusoid(i / channels, i % channels, channels));
  return table;
}

Piece forward(const Lowering& l) {
  std::shared_ptr<const std::vector<float>> table;
  if (l.inputs.size() < 2)
    table = std::make_shared<const std::vector<float>>(sinusoids(l.node.type.shape));
  const float* const p = table ? table->data() : l.input<float>(1);
  const auto size = static_cast<std::size_t>(l.node.type.shape.size());
  return [x = l.input<float>(0), y = l.output<float>(), table, p, size](std::size_t first,
                                                                        std::size_t n) {
    for (const std::size_t end = first + n; first < end;) {
      const std::size_t at = first % size, count = std::min(end - first, size - at);
      loops().add(x + first, p + at, y + first, count);
      first += count;
    }
  };
}

Step gradient(const Lowering& l) {
  static constexpr std::int64_t columns_a_tile = 1024;
  const std::int64_t columns = l.node.type.shape.size(), rows = l.batch;
  return [&threads = l.threads, dy = l.input<float>(0), dp = l.output<float>(), rows, columns] {
    const auto tiles = static_cast<std::size_t>((columns + columns_a_tile - 1) / columns_a_tile);
    threads.run(tiles, [&](std::size_t tile) {
      const std::int64_t first = static_cast<std::int64_t>(tile) * columns_a_tile;
      const std::int64_t count = std::min(columns_a_tile, columns - first);
      loops().sum_rows(dy + first, dp + first, rows, count, columns);
    });
  };
}

}  // namespace

std::span<const Kernel> positions() {
  static const Kernel all[] = {{.op = "positions", .piece = forward},
                               {.op = "positions_gradient", .lower = gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
