#include <algorithm>
#include <limits>

#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  const Shape &data = l.graph.input(l.node, 0).type.shape,
              &indices = l.graph.input(l.node, 1).type.shape;
  const auto axis = static_cast<std::size_t>(l.node.attributes.integer("axis"));
  std::int64_t before = 1, behind = 1;
  for (std::size_t i = 0; i < axis; ++i) before *= data[i];
  for (std::size_t i = axis + 1; i < data.rank(); ++i) behind *= data[i];
  return [&threads = l.threads, a = l.input<float>(0), index = l.input<float>(1),
          y = l.output<float>(), extent = data[axis], before = static_cast<std::size_t>(before),
          behind = static_cast<std::size_t>(behind), samples = samples_of(l),
          count = static_cast<std::size_t>(indices.size()), a_sample = sample_stride(l, 0),
          i_sample = sample_stride(l, 1)] {
    for_rows(threads, samples * before * count, behind, [&](std::size_t first, std::size_t n) {
      for (std::size_t row = first; row < first + n; ++row) {
        const std::size_t sample = row / (before * count), outer = row / count % before;
        const float asked = index[sample * i_sample + row % count];
        const float at = asked < 0 ? asked + static_cast<float>(extent) : asked;
        float* const to = y + row * behind;
        if (at >= 0 && at < static_cast<float>(extent))
          std::copy_n(
              a + sample * a_sample +
                  (outer * static_cast<std::size_t>(extent) + static_cast<std::size_t>(at)) *
                      behind,
              behind, to);
        else
          std::fill_n(to, behind, std::numeric_limits<float>::quiet_NaN());
      }
    });
  };
}

}  // namespace

std::span<const Kernel> gather() {
  static const Kernel all[] = {{.op = "gather", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
