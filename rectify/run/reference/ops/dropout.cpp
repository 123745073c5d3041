#include "rectify/run/dropout_mask.h"
#include "rectify/run/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void mask(Context& c) {
  const double rate = c.node.attributes.number("rate");
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const bool dropped = c.training && random.word(i) < dropout_threshold(rate);
    c.output[i] = dropped ? 0 : c.in(0)[i] / (c.training ? 1 - rate : 1);
  }
}

}  // namespace

std::span<const Loop> dropout() {
  static const Loop all[] = {{"dropout", mask}, {"dropout_gradient", mask}};
  return all;
}

}  // namespace rectify::run::reference::ops
