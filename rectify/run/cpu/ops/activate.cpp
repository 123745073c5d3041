// activate and its gradient: the row's own kernels.

#include "rectify/graph/activate.h"

#include "rectify/activation/kernels.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

Piece forward(const Lowering& l) {
  return [x = l.inputs[0], y = l.output, p = graph::activation_parameters(l.node),
          f = activation::kernels(graph::activation_row(l.node)).forward](
             std::size_t first, std::size_t n) { f(x + first, y + first, n, p); };
}

Piece gradient(const Lowering& l) {
  const activation::Parameters p = graph::activation_parameters(l.node);
  return [dy = l.inputs[0], saved = l.inputs[1], dx = l.output, p,
          f = activation::backward_of_saved(graph::activation_row(l.node), p)](
             std::size_t first, std::size_t n) { f(saved + first, dy + first, dx + first, n, p); };
}

}  // namespace

std::span<const Kernel> activate() {
  static const Kernel all[] = {{.op = "activate", .piece = forward},
                               {.op = "activate_gradient", .piece = gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
