// dropout: in training each element becomes 0 with probability `rate`, and the others are
// multiplied by 1 / (1 - rate). Srivastava et al. 2014. alpha_dropout: each element becomes selu's
// lower limit -1.7581 with that probability, and then all elements go through a x + b, which
// restores mean 0 and variance 1. Klambauer et al. 2017, section "New dropout technique". In
// inference both change nothing. The gradients draw the same mask again.

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "rate",
     .initial = 0.5,
     .positional = true,
     .low = 0,
     .high = 0.99,
     .meaning = "share of elements that are dropped in training"},
};

Type same_as_input(const Graph& graph, const Node& node) {
  check_range(attributes[0], node.attributes.number("rate"), where(node));
  return graph.input(node, 0).type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("dropout", {input}, given, std::move(label));
}

NodeId build_alpha(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("alpha_dropout", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const NodeId gradient = context.graph.add(std::string(node.op->name) + "_gradient",
                                            {context.upstream}, node.attributes, "d_" + node.label);
  context.graph.share_stream(gradient, context.node);
  context.accumulate(0, gradient);
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> dropout() {
  static const Operator all[] = {
      {.name = "dropout",
       .summary = "sets a random share of the elements to 0 in training",
       .attributes = attributes,
       .infer = same_as_input,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .in_place = true,
       .random = true,
       .onnx = "Dropout"},
      {.name = "dropout_gradient",
       .summary = "the same mask on the gradient",
       .attributes = attributes,
       .infer = same_as_input,
       .in_place = true},
      {.name = "alpha_dropout",
       .summary = "sets a random share to selu's lower limit in training; keeps mean 0, variance 1",
       .attributes = attributes,
       .infer = same_as_input,
       .differentiate = differentiate,
       .cost = cost,
       .build = build_alpha,
       .in_place = true,
       .random = true,
       .onnx = "Dropout"},
      {.name = "alpha_dropout_gradient",
       .summary = "the same mask on the gradient",
       .attributes = attributes,
       .infer = same_as_input,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
