// activate and its gradient: the row's own kernels over flat tiles.

#include "rectify/graph/activate.h"

#include "rectify/activation/kernels.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu::ops {

namespace {

Step forward(const Lowering& l) {
  return [&threads = l.threads, x = l.inputs[0], y = l.output, size = l.output_size(),
          p = graph::activation_parameters(l.node),
          f = activation::kernels(graph::activation_row(l.node)).forward] {
    for_elements(threads, size,
                 [&](std::size_t first, std::size_t n) { f(x + first, y + first, n, p); });
  };
}

Step gradient(const Lowering& l) {
  const activation::Parameters p = graph::activation_parameters(l.node);
  return [&threads = l.threads, dy = l.inputs[0], saved = l.inputs[1], dx = l.output,
          size = l.output_size(), p,
          f = activation::backward_of_saved(graph::activation_row(l.node), p)] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      f(saved + first, dy + first, dx + first, n, p);
    });
  };
}

}  // namespace

std::span<const Kernel> activate() {
  static const Kernel all[] = {{"activate", forward}, {"activate_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::cpu::ops
