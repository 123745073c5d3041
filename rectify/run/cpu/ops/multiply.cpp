#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

/// Each channel of a sample by its number in the sample's row.
Piece by_rows(const Lowering& l) {
  return [a = l.input<float>(0), b = l.input<float>(1), y = l.output<float>(),
          sample = static_cast<std::size_t>(l.node.type.shape.size()),
          channels = static_cast<std::size_t>(l.node.type.shape.back())](std::size_t first,
                                                                         std::size_t n) {
    for (std::size_t at = first; at < first + n;) {
      const std::size_t channel = at % channels;
      const std::size_t count = std::min(channels - channel, first + n - at);
      loops().multiply(a + at, b + at / sample * channels + channel, y + at, count);
      at += count;
    }
  };
}

Piece product(const Lowering& l) {
  if (l.input_size(0) != l.input_size(1)) return by_rows(l);
  return [a = l.input<float>(0), b = l.input<float>(1), y = l.output<float>()](std::size_t first,
                                                                               std::size_t n) {
    loops().multiply(a + first, b + first, y + first, n);
  };
}

/// In each sample, for each channel, the sum of dy a from first to last.
Step row_gradient(const Lowering& l) {
  static constexpr std::int64_t columns_a_tile = 128;
  const std::int64_t channels = l.node.type.shape[0];
  const std::int64_t sample = l.graph.input(l.node, 1).type.shape.size();
  const std::int64_t samples = l.node.type.per_sample ? l.batch : 1;
  return [&threads = l.threads, dy = l.input<float>(0), a = l.input<float>(1),
          db = l.output<float>(), channels, sample, samples] {
    const std::int64_t tiles = (channels + columns_a_tile - 1) / columns_a_tile;
    threads.run(static_cast<std::size_t>(samples * tiles), [&](std::size_t part) {
      const std::int64_t i = static_cast<std::int64_t>(part) / tiles;
      const std::int64_t first = static_cast<std::int64_t>(part) % tiles * columns_a_tile;
      const std::int64_t at = i * sample + first;
      loops().sum_products(dy + at, a + at, db + i * channels + first, sample / channels,
                           std::min(columns_a_tile, channels - first), channels);
    });
  };
}

}  // namespace

std::span<const Kernel> multiply() {
  static const Kernel all[] = {{.op = "multiply", .piece = product},
                               {.op = "multiply_row_gradient", .lower = row_gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
