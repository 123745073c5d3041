#include "rectify/run/dropout_mask.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void noise(Context& c) {
  const std::string kind = c.node.attributes.word("kind");
  const double share = c.node.attributes.number("noise");
  const bool gradient = c.node.op->name == "corrupt_gradient";
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double x = c.in(0)[i], word = random.word(i) * 0x1p-32;
    c.output[i] = x;
    if (!c.training) continue;
    if (kind == "gaussian")
      c.output[i] = x + share * random.normal(i);
    else if (word < share && (gradient || kind == "mask"))
      c.output[i] = 0;
    else if (word < share)
      c.output[i] = c.node.attributes.number(word < share / 2 ? "low" : "high");
  }
}

}  // namespace

std::span<const Loop> corrupt() {
  static const Loop all[] = {{"corrupt", noise}, {"corrupt_gradient", noise}};
  return all;
}

}  // namespace rectify::run::reference::ops
