#include <algorithm>

#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

/// Along one axis: for each element of the result the element of the input; -1: the number.
std::vector<std::int64_t> sources(std::int64_t extent, std::int64_t before, std::int64_t after,
                                  const std::string& mode) {
  std::vector<std::int64_t> from;
  for (std::int64_t i = -before; i < extent + after; ++i) {
    const bool outside = i < 0 || i >= extent;
    std::int64_t at = i;
    if (outside && mode == "constant") at = -1;
    if (outside && mode == "edge") at = i < 0 ? 0 : extent - 1;
    if (outside && mode == "reflect") at = i < 0 ? -i : 2 * (extent - 1) - i;
    if (outside && mode == "wrap") at = (i % extent + extent) % extent;
    from.push_back(at);
  }
  return from;
}

Step forward(const Lowering& l) {
  const Shape &in = l.graph.input(l.node, 0).type.shape, &out = l.node.type.shape;
  const std::vector<std::int64_t> before = graph::list_attribute(l.node, "before"),
                                  after = graph::list_attribute(l.node, "after");
  std::vector<std::vector<std::int64_t>> from;
  for (std::size_t i = 0; i < in.rank(); ++i)
    from.push_back(sources(in[i], before[i], after[i], l.node.attributes.word("mode")));
  const auto width = static_cast<std::size_t>(out.back());
  return
      [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), from, in, width,
       value = static_cast<float>(l.node.attributes.number("value")), stride = sample_stride(l, 0),
       samples = samples_of(l), rows = static_cast<std::size_t>(out.size()) / width] {
        for_rows(threads, samples * rows, width, [&](std::size_t first, std::size_t count) {
          for (std::size_t row = first; row < first + count; ++row) {
            std::size_t rest = row % rows;
            std::int64_t at = 0, step = in.back();
            for (std::size_t i = in.rank() - 1; i-- > 0;) {
              const std::int64_t index = from[i][rest % from[i].size()];
              rest /= from[i].size();
              at = index < 0 || at < 0 ? -1 : at + index * step;
              step *= in[i];
            }
            float* const to = y + row * width;
            const float* const a = x + row / rows * stride + std::max<std::int64_t>(at, 0);
            for (std::size_t j = 0; j < width; ++j)
              to[j] = at < 0 || from.back()[j] < 0 ? value : a[from.back()[j]];
          }
        });
      };
}

}  // namespace

std::span<const Kernel> pad() {
  static const Kernel all[] = {{.op = "pad", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
