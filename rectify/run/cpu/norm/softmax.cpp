#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/norm/softmax_steps.h"

namespace rectify::run::cpu {

namespace {

std::size_t width_of(const Lowering& l) {
  return static_cast<std::size_t>(graph::last_extent(l.graph, l.node.inputs[0]));
}

}  // namespace

Step over_rows(const Lowering& l, SoftmaxLoops::Forward loop) {
  return [&threads = l.threads, x = l.input<float>(0), y = l.output<float>(),
          size = l.output_size(), width = width_of(l), loop] {
    for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
      loop(x + row * width, y + row * width, rows, width);
    });
  };
}

Step over_rows(const Lowering& l, SoftmaxLoops::Gradient loop) {
  return [&threads = l.threads, dy = l.input<float>(0), y = l.input<float>(1),
          dx = l.output<float>(), size = l.output_size(), width = width_of(l), loop] {
    for_rows(threads, size / width, width, [&](std::size_t row, std::size_t rows) {
      const std::size_t at = row * width;
      loop(y + at, dy + at, dx + at, rows, width);
    });
  };
}

RECTIFY_CHOOSE_BY_ISA(SoftmaxLoops, softmax_loops)

}  // namespace rectify::run::cpu
