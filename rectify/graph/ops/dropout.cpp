// dropout: in training each element is 0 with probability `rate`, the rest grow by 1 / (1 - rate);
// in inference nothing changes. Srivastava et al. 2014. The gradient draws the same mask again.

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "rate",
     .initial = 0.5,
     .positional = true,
     .low = 0,
     .high = 0.99,
     .meaning = "share of elements set to 0 in training"},
};

Type same_as_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("dropout", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const NodeId gradient =
      context.graph.add("dropout_gradient", {context.upstream}, node.attributes, "d_" + node.label);
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
  };
  return all;
}

}  // namespace rectify::graph::ops
