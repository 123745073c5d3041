// add: y = a + b, of the same shape. It sums the gradients of several users, and makes residual
// connections.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 2, 2);
  const Node &a = graph.input(node, 0), &b = graph.input(node, 1);
  if (a.type != b.type)
    fail(where(node), " wants two equal shapes but '", a.label, "' gives ", a.type.shape.text(),
         " and '", b.label, "' gives ", b.type.shape.text());
  return a.type;
}

void differentiate(const GradientContext& context) {
  for (std::size_t input = 0; input < 2; ++input)
    if (context.wanted(input)) context.accumulate(input, context.upstream);
}

Cost cost(const Graph&, const Node& node) {
  return {.forward_flops = static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> add() {
  static const Operator all[] = {
      {.name = "add",
       .summary = "y = a + b",
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .in_place = true,
       .joins = true,
       .onnx = "Add"},
  };
  return all;
}

}  // namespace rectify::graph::ops
