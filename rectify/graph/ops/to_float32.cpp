// to_float32: y = x, converted from bfloat16 to float. It stands between values kept as bfloat16
// and nodes that read only floats (pass/precision.h).

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  Type type = graph.input(node, 0).type;
  type.element = Element::float32;
  return type;
}

}  // namespace

std::span<const Operator> to_float32() {
  static const Operator all[] = {{.name = "to_float32",
                                  .summary = "y = x, converted from bfloat16",
                                  .infer = infer,
                                  .onnx = "Cast"}};
  return all;
}

}  // namespace rectify::graph::ops
