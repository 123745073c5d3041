#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  const RowStarts from(l.node.type.shape, graph::list_attribute(l.node, "strides"));
  const auto size = static_cast<std::size_t>(l.node.type.shape.size());
  return [&threads = l.threads, x = l.input<float>(0) + l.node.attributes.integer("offset"),
          y = l.output<float>(), from, stride = sample_stride(l, 0), rows = size / from.width,
          samples = samples_of(l)] {
    for_rows(threads, samples * rows, from.width, [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row) {
        const float* const a = x + row / rows * stride + from.at(row % rows);
        float* const to = y + row * from.width;
        for (std::size_t i = 0; i < from.width; ++i)
          to[i] = a[static_cast<std::ptrdiff_t>(i) * from.step];
      }
    });
  };
}

}  // namespace

std::span<const Kernel> arrange() {
  static const Kernel all[] = {{.op = "arrange", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
