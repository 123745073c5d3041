// activate_learned: y = f(x, a), where f is a row of the family and training changes its number a.
// There is one a for each channel (the last axis), such as prelu's slope: He et al. 2015. Its
// gradients are dx = dy df/dx and da, the sum of dy df/da over all elements of a channel.

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

void check(const Node& node, const Node& x, const Node& a) {
  if (!may_be_learned(activation_row(node).varying))
    fail(where(node), ": ", activation_row(node).name, " has no number that is learned");
  const Shape& numbers = a.type.shape;
  const std::int64_t channels = x.type.shape.rank() == 0 ? 1 : x.type.shape.back();
  if (numbers.rank() != 1 || numbers[0] != channels || a.type.per_sample)
    fail(where(node), " wants ", channels, " numbers, one a channel of '", x.label, "', but '",
         a.label, "' gives ", numbers.text());
}

Type infer(const Graph& graph, const Node& node) {
  check(node, graph.input(node, 0), graph.input(node, 1));
  return graph.input(node, 0).type;
}

// The inputs of both gradients are dy, x, a.
Type input_gradient_type(const Graph& graph, const Node& node) {
  check(node, graph.input(node, 1), graph.input(node, 2));
  return graph.input(node, 1).type;
}
Type number_gradient_type(const Graph& graph, const Node& node) {
  check(node, graph.input(node, 1), graph.input(node, 2));
  return graph.input(node, 2).type;
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::vector<NodeId> inputs = {context.upstream, node.inputs[0], node.inputs[1]};
  const std::string number = graph.node(learned_number(node)).label;
  if (context.wanted(1))
    context.accumulate(
        1, graph.add("activate_learned_number_gradient", inputs, node.attributes, "d_" + number));
  // This gradient is added last, so it reads dy last and may be computed in place of dy.
  if (context.wanted(0))
    context.accumulate(
        0, graph.add("activate_learned_gradient", inputs, node.attributes, "d_" + node.label));
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 2 * elements, .gradient_flops = 4 * elements};
}

}  // namespace

std::span<const Operator> activate_learned() {
  static const Operator all[] = {
      {.name = "activate_learned",
       .summary = "y = f(x, a), f a row of the activation family, a learned for each channel",
       .attributes = row_attribute(),
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .in_place = true,
       .activation = true,
       .onnx = "PRelu"},
      {.name = "activate_learned_gradient",
       .summary = "dx = dy df/dx",
       .attributes = row_attribute(),
       .infer = input_gradient_type,
       .in_place = true},
      {.name = "activate_learned_number_gradient",
       .summary = "da = sum of dy df/da",
       .attributes = row_attribute(),
       .infer = number_gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
