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

#define RECTIFY_DECLARE(isa)               \
  namespace isa {                          \
  extern const SoftmaxLoops softmax_loops; \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE

const SoftmaxLoops& softmax_loops() {
#define RECTIFY_CHOOSE(isa) \
  if (instruction_set() == #isa) return isa::softmax_loops;
  RECTIFY_FOR_EACH_ISA(RECTIFY_CHOOSE)
#undef RECTIFY_CHOOSE
  return baseline::softmax_loops;
}

}  // namespace rectify::run::cpu
