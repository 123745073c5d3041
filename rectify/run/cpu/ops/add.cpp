#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

Step sum(const Lowering& l) {
  return [&threads = l.threads, a = l.inputs[0], b = l.inputs[1], y = l.output,
          size = l.output_size()] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      loops().add(a + first, b + first, y + first, n);
    });
  };
}

}  // namespace

std::span<const Kernel> add() {
  static const Kernel all[] = {{"add", sum}};
  return all;
}

}  // namespace rectify::run::cpu::ops
