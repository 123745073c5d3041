#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

Step transpose(const Lowering& l) {
  const std::int64_t columns = graph::last_extent(l.graph, l.node.inputs[0]);
  const std::int64_t rows = l.node.type.shape.back();
  const auto size = static_cast<std::size_t>(rows * columns);
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(), rows, columns, size,
          matrices = l.output_size() / size] {
    for_rows(threads, matrices, size, [&](std::size_t first, std::size_t count) {
      for (std::size_t i = first; i < first + count; ++i)
        loops().transpose(x + i * size, columns, y + i * size, rows, rows, columns);
    });
  };
}

}  // namespace

std::span<const Kernel> transpose() {
  static const Kernel all[] = {{.op = "transpose", .lower = transpose}};
  return all;
}

}  // namespace rectify::run::cpu::ops
