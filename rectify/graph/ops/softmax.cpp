// softmax: y = exp(x) / sum of exp(x) over the last axis, computed from differences to the largest
// element, so that nothing overflows. Equal elements get equal shares, also if they are infinite:
// +inf elements share everything and the others get 0; a row of only -inf is uniform, like any row
// of equal numbers. A NaN makes its whole row NaN.

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type same_as_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("softmax", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  const std::string label = "d_" + context.graph.node(context.node).label;
  context.accumulate(
      0, context.graph.add("softmax_gradient", {context.upstream, context.node}, {}, label));
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 4 * elements, .gradient_flops = 4 * elements};
}

}  // namespace

std::span<const Operator> softmax() {
  static const Operator all[] = {
      {.name = "softmax",
       .summary = "shares that grow with exp(x) and add up to 1 over the last axis",
       .infer = same_as_input,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .in_place = true,
       .onnx = "Softmax"},
      {.name = "softmax_gradient",
       .summary = "dx = y (dy - sum of dy y)",
       .infer = same_as_input,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
