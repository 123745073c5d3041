// max_pool: y[i, j, c] = the maximum of x over the window's taps, for each channel. Padding does
// not count. The gradient goes to the first of the largest elements, in row-major order; a NaN
// counts as largest.

#include "rectify/graph/operator.h"
#include "rectify/graph/pool.h"

namespace rectify::graph::ops {

namespace {

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  context.accumulate(0, context.graph.add("max_pool_gradient", {context.upstream, node.inputs[0]},
                                          node.attributes, "d_" + node.label));
}

Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("max_pool", {input}, given, std::move(label));
}

}  // namespace

std::span<const Operator> max_pool() {
  static const Operator all[] = {{.name = "max_pool",
                                  .summary = "y = max over a window, channel by channel",
                                  .attributes = pool_attributes(),
                                  .infer = pool_type,
                                  .differentiate = differentiate,
                                  .cost = pool_cost,
                                  .build = build,
                                  .onnx = "MaxPool"},
                                 {.name = "max_pool_gradient",
                                  .summary = "dy where the first of the largest is, 0 elsewhere",
                                  .infer = gradient_type}};
  return all;
}

}  // namespace rectify::graph::ops
