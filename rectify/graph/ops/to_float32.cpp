// to_float32: y = x, of bfloat16; what reads floats only gets where values are kept as bfloat16
// (pass/precision.h).

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
  static const Operator all[] = {
      {.name = "to_float32", .summary = "y = x, of bfloat16", .infer = infer, .onnx = "Cast"}};
  return all;
}

}  // namespace rectify::graph::ops
