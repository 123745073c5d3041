#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

Piece widen(const Lowering& l) {
  return [x = l.input<bfloat16>(0), y = l.output<float>()](std::size_t first, std::size_t n) {
    loops().to_float32(x + first, y + first, n);
  };
}

}  // namespace

std::span<const Kernel> to_float32() {
  static const Kernel all[] = {{.op = "to_float32", .piece = widen}};
  return all;
}

}  // namespace rectify::run::cpu::ops
