// to_bfloat16: y = x, rounded to bfloat16. Products of low precision read it (pass/precision.h).

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  Type type = graph.input(node, 0).type;
  type.element = Element::bfloat16;
  return type;
}

Cost cost(const Graph&, const Node& node) {
  return {.forward_flops = static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> to_bfloat16() {
  static const Operator all[] = {{.name = "to_bfloat16",
                                  .summary = "y = x, rounded to bfloat16",
                                  .infer = infer,
                                  .cost = cost,
                                  .onnx = "Cast"}};
  return all;
}

}  // namespace rectify::graph::ops
