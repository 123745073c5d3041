#include <array>

#include "rectify/run/cpu/samples.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  const Shape& shape = l.node.type.shape;
  const auto starts = [&](std::size_t i) {
    return RowStarts(shape, graph::broadcast_strides(l.graph.input(l.node, i).type.shape, shape));
  };
  const std::array at = {starts(0), starts(1), starts(2)};
  const std::array from = {l.input<float>(0), l.input<float>(1), l.input<float>(2)};
  const std::array stride = {sample_stride(l, 0), sample_stride(l, 1), sample_stride(l, 2)};
  const std::size_t width = at[0].width;
  return [&threads = l.threads, y = l.output<float>(), at, from, stride, width,
          samples = samples_of(l), rows = static_cast<std::size_t>(shape.size()) / width] {
    for_rows(threads, samples * rows, width, [&](std::size_t first, std::size_t count) {
      for (std::size_t row = first; row < first + count; ++row) {
        std::array<const float*, 3> in;
        for (std::size_t k = 0; k < 3; ++k)
          in[k] = from[k] + row / rows * stride[k] + at[k].at(row % rows);
        for (std::size_t i = 0; i < width; ++i) {
          const auto j = static_cast<std::ptrdiff_t>(i);
          y[row * width + i] =
              in[0][j * at[0].step] != 0 ? in[1][j * at[1].step] : in[2][j * at[2].step];
        }
      }
    });
  };
}

}  // namespace

std::span<const Kernel> choose() {
  static const Kernel all[] = {{.op = "choose", .lower = forward}};
  return all;
}

}  // namespace rectify::run::cpu::ops
