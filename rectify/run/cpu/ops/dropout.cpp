// dropout and its gradient: the same mask, addressed by (seed, the node's stream, step, element).

#include <cstring>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"

namespace rectify::run::cpu::ops {

namespace {

Step pass_through(const Lowering& l) {
  if (l.inputs[0] == l.output) return {};
  return [x = l.inputs[0], y = l.output, size = l.output_size()] {
    std::memcpy(y, x, size * sizeof(float));
  };
}

Step mask(const Lowering& l) {
  const double rate = l.node.attributes.number("rate");
  if (!l.training || rate == 0) return pass_through(l);
  return [&threads = l.threads, &state = l.state, x = l.inputs[0], y = l.output,
          size = l.output_size(), stream = node_stream(l.node.stream),
          threshold = dropout_threshold(rate), scale = static_cast<float>(1 / (1 - rate))] {
    for_elements(threads, size, [&](std::size_t first, std::size_t n) {
      loops().dropout(x + first, y + first, first, n, state.seed, stream, state.step, threshold,
                      scale);
    });
  };
}

}  // namespace

std::span<const Kernel> dropout() {
  static const Kernel all[] = {{"dropout", mask}, {"dropout_gradient", mask}};
  return all;
}

}  // namespace rectify::run::cpu::ops
