// l1_penalty: weight times the mean absolute value over the batch and the units. It makes an
// activation sparse, as in Glorot, Bordes & Bengio 2011 (section 3.2).

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "weight",
     .initial = 1e-3,
     .positional = true,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the mean absolute value"},
};

Type scalar(const Graph&, const Node&) { return {.shape = {}, .per_sample = false}; }
Type like_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  context.accumulate(
      0, context.graph.add("l1_penalty_gradient", node.inputs, node.attributes, "d_" + node.label));
}

Cost cost(const Graph& graph, const Node& node) {
  const double elements = static_cast<double>(graph.input(node, 0).type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> l1_penalty() {
  static const Operator all[] = {
      {.name = "l1_penalty",
       .summary = "weight times the mean absolute value",
       .attributes = attributes,
       .infer = scalar,
       .differentiate = differentiate,
       .cost = cost,
       .loss = true},
      {.name = "l1_penalty_gradient",
       .summary = "weight sign(x) / (batch units)",
       .attributes = attributes,
       .infer = like_input},
  };
  return all;
}

}  // namespace rectify::graph::ops
