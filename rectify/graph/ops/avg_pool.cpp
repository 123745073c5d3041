// avg_pool: y[i, j, c] = the mean of x over the window's taps, for each channel. Padding does not
// count: at a border the mean is over fewer elements.

#include "rectify/graph/operator.h"
#include "rectify/graph/pool.h"

namespace rectify::graph::ops {

namespace {

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);
  context.accumulate(0, graph.add("avg_pool_gradient", {context.upstream},
                                  with_shape(node.attributes, graph.input(node, 0).type.shape),
                                  "d_" + node.label));
}

Type gradient_type(const Graph&, const Node& node) { return {.shape = shape_attribute(node)}; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("avg_pool", {input}, given, std::move(label));
}

}  // namespace

std::span<const Operator> avg_pool() {
  static const Operator all[] = {{.name = "avg_pool",
                                  .summary = "y = mean over a window, channel by channel",
                                  .attributes = pool_attributes(),
                                  .infer = pool_type,
                                  .differentiate = differentiate,
                                  .cost = pool_cost,
                                  .build = build,
                                  .onnx = "AveragePool"},
                                 {.name = "avg_pool_gradient",
                                  .summary = "dx = dy shared among the window's taps",
                                  .infer = gradient_type}};
  return all;
}

}  // namespace rectify::graph::ops
