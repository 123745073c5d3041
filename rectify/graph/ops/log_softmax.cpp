// log_softmax: y = x - log(sum of exp(x)) over the last axis. It is computed from differences to
// the largest element, so that nothing overflows and small shares keep their digits. It is the
// logarithm of softmax also for infinities and NaN (see softmax.cpp).

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type same_as_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("log_softmax", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  const std::string label = "d_" + context.graph.node(context.node).label;
  context.accumulate(
      0, context.graph.add("log_softmax_gradient", {context.upstream, context.node}, {}, label));
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 4 * elements, .gradient_flops = 4 * elements};
}

}  // namespace

std::span<const Operator> log_softmax() {
  static const Operator all[] = {
      {.name = "log_softmax",
       .summary = "the logarithm of softmax",
       .infer = same_as_input,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .in_place = true,
       .onnx = "LogSoftmax"},
      {.name = "log_softmax_gradient",
       .summary = "dx = dy - exp(y) (sum of dy)",
       .infer = same_as_input,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
