#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

/// An input, how much of each row is its, and how many rows it has: those of all samples or of one.
struct Part {
  const float* x;
  std::size_t width, rows;

  const float* row(std::size_t i) const { return x + (i < rows ? i : i % rows) * width; }
};

Step forward(const Lowering& l) {
  std::vector<Part> parts;
  for (std::size_t i = 0; i < l.inputs.size(); ++i) {
    const auto last = static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[i]));
    parts.push_back({l.input<float>(i), last, l.input_size(i) / last});
  }
  const auto width = static_cast<std::size_t>(l.node.type.shape.back());
  return [&threads = l.threads, y = l.output<float>(), rows = l.output_size() / width, width,
          parts = std::move(parts)] {
    for_rows(threads, rows, width, [&](std::size_t first, std::size_t count) {
      float* to = y + first * width;
      for (std::size_t row = first; row < first + count; ++row)
        for (const Part& part : parts) to = std::copy_n(part.row(row), part.width, to);
    });
  };
}

Step gradient(const Lowering& l) {
  const auto from = static_cast<std::size_t>(l.node.attributes.integer("first"));
  const auto size = static_cast<std::size_t>(l.node.attributes.integer("size"));
  const auto width = static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[0]));
  return [&threads = l.threads, dy = l.input<float>(0) + from, dx = l.output<float>(),
          rows = l.output_size() / size, size, width] {
    for_rows(threads, rows, size, [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row)
        std::copy_n(dy + row * width, size, dx + row * size);
    });
  };
}

}  // namespace

std::span<const Kernel> concat() {
  static const Kernel all[] = {{"concat", forward}, {"concat_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
