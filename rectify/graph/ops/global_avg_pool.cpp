// global_avg_pool: y[c] = the mean of x[i, j, c] over the image, one number for each channel. Lin,
// Chen & Yan 2014.

#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  return {.shape = Shape{image_of(graph, node).back()}};
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("global_avg_pool", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);
  context.accumulate(0,
                     graph.add("global_avg_pool_gradient", {context.upstream},
                               with_shape({}, graph.input(node, 0).type.shape), "d_" + node.label));
}

Type gradient_type(const Graph&, const Node& node) { return {.shape = shape_attribute(node)}; }

Cost cost(const Graph& graph, const Node& node) {
  const double elements = static_cast<double>(graph.input(node, 0).type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> global_avg_pool() {
  static const Operator all[] = {{.name = "global_avg_pool",
                                  .summary = "y = mean of each channel over the image",
                                  .infer = infer,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .build = build,
                                  .onnx = "GlobalAveragePool"},
                                 {.name = "global_avg_pool_gradient",
                                  .summary = "dx = dy shared among the places of a channel",
                                  .infer = gradient_type}};
  return all;
}

}  // namespace rectify::graph::ops
