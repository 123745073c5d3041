#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/sparse/choose.h"

namespace rectify::run::cpu::ops {

namespace {

Piece round(const Lowering& l) {
  return [x = l.input<float>(0), y = l.output<bfloat16>()](std::size_t first, std::size_t n) {
    loops().to_bfloat16(x + first, y + first, n);
  };
}

}  // namespace

std::span<const Kernel> to_bfloat16() {
  static const Kernel all[] = {{.op = "to_bfloat16", .piece = round, .sparse = as_sparse_as_input}};
  return all;
}

}  // namespace rectify::run::cpu::ops
