#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"

namespace rectify::run::cpu::ops {

namespace {

template <class Number, class Loop>
Piece sum_by(const Lowering& l, Loop loop) {
  return [a = l.input<Number>(0), b = l.input<Number>(1), y = l.output<Number>(), loop](
             std::size_t first, std::size_t n) { loop(a + first, b + first, y + first, n); };
}

Piece sum(const Lowering& l) {
  return l.narrow_input(0) ? sum_by<bfloat16>(l, loops().add_bfloat16)
                           : sum_by<float>(l, loops().add);
}

}  // namespace

std::span<const Kernel> add() {
  static const Kernel all[] = {
      {.op = "add", .piece = sum, .narrow = narrow_when<pass::Narrow::all>}};
  return all;
}

}  // namespace rectify::run::cpu::ops
