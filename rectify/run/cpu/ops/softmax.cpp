#include "rectify/run/cpu/softmax.h"

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

std::size_t width_of(const Lowering& l) {
  return static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[0]));
}

Step forward(const Lowering& l) {
  return [&threads = l.threads, x = l.inputs[0], y = l.output, size = l.output_size(),
          width = width_of(l)] {
    for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
      const std::size_t at = row * width;
      softmax_loops().softmax(x + at, y + at, rows, width);
    });
  };
}

Step gradient(const Lowering& l) {
  return [&threads = l.threads, dy = l.inputs[0], y = l.inputs[1], dx = l.output,
          size = l.output_size(), width = width_of(l)] {
    for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
      const std::size_t at = row * width;
      softmax_loops().softmax_gradient(y + at, dy + at, dx + at, rows, width);
    });
  };
}

}  // namespace

std::span<const Kernel> softmax() {
  static const Kernel all[] = {{"softmax", forward}, {"softmax_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
