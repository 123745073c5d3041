#include "rectify/graph/activate.h"

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = row.value(c.in(0)[i], p);
}

// The slope is taken at the activation's input, whatever the graph saved for the kernels.
void gradient(Context& c) {
  const activation::Row& row = graph::activation_row(c.node);
  const activation::Parameters p = graph::activation_parameters(c.node);
  const graph::Node& saved = c.graph.input(c.node, 1);
  const bool output = saved.op->name == "activate" && row.from_output(p);
  const std::vector<double>& x = output ? c.values[saved.inputs[0]] : c.in(1);
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = c.in(0)[i] * row.slope(x[i], p);
}

}  // namespace

std::span<const Loop> activate() {
  static const Loop all[] = {{"activate", forward}, {"activate_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
