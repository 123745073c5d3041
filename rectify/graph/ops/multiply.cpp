// multiply: y = a b, element by element. b may also have just one number for each channel of a (its
// last axis), like the weights of squeeze-and-excitation: Hu et al. 2018.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

bool is_row_of(const Type& b, const Type& a) {
  return a.shape.rank() > 1 && b.shape == Shape{a.shape.back()} && a.per_sample == b.per_sample &&
         a.element == b.element;
}

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 2, 2);
  const Node &a = graph.input(node, 0), &b = graph.input(node, 1);
  if (a.type != b.type && !is_row_of(b.type, a.type))
    fail(where(node), " wants two equal shapes, or one number a channel second, but '", a.label,
         "' gives ", a.type.shape.text(), " and '", b.label, "' gives ", b.type.shape.text());
  return a.type;
}

// The inputs of the gradient in b, when b has one number for each channel, are dy and a.
Type row_gradient_type(const Graph& graph, const Node& node) {
  Type type = graph.input(node, 1).type;
  type.shape = Shape{type.shape.back()};
  return type;
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const NodeId a = node.inputs[0], b = node.inputs[1];
  const bool row = graph.node(a).type != graph.node(b).type;
  if (context.wanted(1))
    context.accumulate(1, graph.add(row ? "multiply_row_gradient" : "multiply",
                                    {context.upstream, a}, {}, "d_" + node.label + ".second"));
  // This gradient is added last, so it reads dy last and may be computed in place of dy.
  if (context.wanted(0))
    context.accumulate(
        0, graph.add("multiply", {context.upstream, b}, {}, "d_" + node.label + ".first"));
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = elements, .gradient_flops = 2 * elements};
}

}  // namespace

std::span<const Operator> multiply() {
  static const Operator all[] = {
      {.name = "multiply",
       .summary = "y = a b",
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .in_place = true,
       .joins = true,
       .onnx = "Mul"},
      {.name = "multiply_row_gradient",
       .summary = "db = sum of dy a over all elements of a channel",
       .infer = row_gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
