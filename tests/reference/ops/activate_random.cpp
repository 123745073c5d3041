#include "rectify/graph/activate.h"
#include "rectify/run/dropout_mask.h"
#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// The number of element i, rounded as the kernels have it.
float drawn(const Context& c, std::size_t i) {
  const Random random(c.state.seed, node_stream(c.node.stream), c.state.step);
  if (graph::activation_row(c.node).varying == activation::Varying::normal)
    return static_cast<float>(random.normal(i));
  const activation::Parameters p = graph::activation_parameters(c.node);
  return static_cast<float>(p[0] + (p[1] - p[0]) * random.uniform(i));
}

void forward(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double x = c.in(0)[i];
    c.output[i] = c.training ? row.value_at(x, drawn(c, i)) : row.value(x, p);
  }
}

void gradient(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const double x = c.in(1)[i];
    c.output[i] = c.in(0)[i] * (c.training ? row.slope_at(x, drawn(c, i)) : row.slope(x, p));
  }
}

}  // namespace

std::span<const Loop> activate_random() {
  static const Loop all[] = {{"activate_random", forward}, {"activate_random_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
