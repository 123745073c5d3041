// dropout, alpha_dropout and their gradients: the same mask, addressed by (seed, the node's stream,
// step, element).

#include <cstring>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/cpu/sparse/choose.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu::ops {

namespace {

Step pass_through(const Lowering& l) {
  if (l.input<float>(0) == l.output<float>()) return {};
  return [x = l.input<float>(0), y = l.output<float>(), size = l.output_size()] {
    std::memcpy(y, x, size * sizeof(float));
  };
}

Step mask(const Lowering& l) {
  const double rate = l.node.attributes.number("rate");
  if (!l.training || rate == 0) return pass_through(l);
  return [&threads = l.threads, &state = l.state, x = l.input<float>(0), y = l.output<float>(),
          size = l.output_size(), stream = node_stream(l.node.stream),
          threshold = dropout_threshold(rate), law = dropout_law(l.node.op->name, rate)] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      loops().dropout(x + first, y + first, first, n, state.seed, stream, state.step, threshold,
                      static_cast<float>(law.factor), static_cast<float>(law.kept),
                      static_cast<float>(law.dropped));
    });
  };
}

}  // namespace

std::span<const Kernel> dropout() {
  static const Kernel all[] = {{.op = "dropout", .lower = mask, .sparse = as_sparse_as_input},
                               {.op = "dropout_gradient", .lower = mask},
                               {.op = "alpha_dropout", .lower = mask},
                               {.op = "alpha_dropout_gradient", .lower = mask}};
  return all;
}

}  // namespace rectify::run::cpu::ops
