#include <cmath>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

Piece value(const Lowering& l) {
  return [x = l.input<float>(0), y = l.output<float>()](std::size_t first, std::size_t n) {
    for (std::size_t i = first; i < first + n; ++i) y[i] = std::abs(x[i]);
  };
}

Piece gradient(const Lowering& l) {
  return [dy = l.input<float>(0), x = l.input<float>(1), dx = l.output<float>()](std::size_t first,
                                                                                 std::size_t n) {
    for (std::size_t i = first; i < first + n; ++i)
      dx[i] = x[i] > 0 ? dy[i] : (x[i] < 0 ? -dy[i] : 0.0f);
  };
}

}  // namespace

std::span<const Kernel> absolute() {
  static const Kernel all[] = {{.op = "absolute", .piece = value},
                               {.op = "absolute_gradient", .piece = gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
