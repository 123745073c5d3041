#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void value(Context& c) {
  for (const double x : c.in(0)) c.output[0] += std::abs(x);
  c.output[0] *= c.node.attributes.number("weight") / static_cast<double>(c.in(0).size());
}

void gradient(Context& c) {
  const double factor = c.node.attributes.number("weight") / static_cast<double>(c.in(0).size());
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = factor * ((c.in(0)[i] > 0) - (c.in(0)[i] < 0));
}

}  // namespace

std::span<const Loop> l1_penalty() {
  static const Loop all[] = {{"l1_penalty", value}, {"l1_penalty_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
