#include "rectify/run/dropout_mask.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void mask(Context& c) {
  const double rate = c.node.attributes.number("rate");
  const DropoutLaw law = dropout_law(c.node.op->name, rate);
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double x = c.in(0)[i];
    const bool dropped = random.word(i) < dropout_threshold(rate);
    c.output[i] = !c.training ? x : dropped ? law.dropped : law.factor * x + law.kept;
  }
}

}  // namespace

std::span<const Loop> dropout() {
  static const Loop all[] = {{"dropout", mask},
                             {"dropout_gradient", mask},
                             {"alpha_dropout", mask},
                             {"alpha_dropout_gradient", mask}};
  return all;
}

}  // namespace rectify::run::reference::ops
