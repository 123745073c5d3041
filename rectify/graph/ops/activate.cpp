// activate: y = f(x), f a row of the activation family; its gradient dx = dy f'(x).

#include "rectify/graph/activate.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

const activation::Row& activation_row(const Node& node) {
  return activation::find(node.attributes.word("row"));
}

activation::Parameters activation_parameters(const Node& node) {
  const activation::Row& row = activation_row(node);
  activation::Parameters p = row.defaults();
  for (std::size_t i = 0; i < row.parameters.size(); ++i)
    if (node.attributes.has(row.parameters[i].name))
      p[i] = node.attributes.number(row.parameters[i].name);
  return p;
}

std::vector<AttributeSpec> activation_attributes(const activation::Row& row) {
  std::vector<AttributeSpec> specs;
  for (const activation::ParameterInfo& p : row.parameters)
    specs.push_back({.name = p.name,
                     .initial = p.value,
                     .positional = true,
                     .low = p.low,
                     .high = p.high,
                     .meaning = p.meaning});
  return specs;
}

namespace ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "row", .initial = std::string("relu"), .meaning = "name of the activation"},
};

Type same_as_input(const Graph& graph, const Node& node) {
  activation_row(node);  // throws for a name that is not in the family
  return graph.input(node, 0).type;
}

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const bool from_output = activation_row(node).from_output(activation_parameters(node));
  const NodeId saved = from_output ? context.node : node.inputs[0];
  context.accumulate(0, context.graph.add("activate_gradient", {context.upstream, saved},
                                          node.attributes, "d_" + node.label));
}

Cost cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> activate() {
  static const Operator all[] = {
      {.name = "activate",
       .summary = "y = f(x), f a row of the activation family",
       .attributes = attributes,
       .infer = same_as_input,
       .differentiate = differentiate,
       .cost = cost,
       .in_place = true},
      {.name = "activate_gradient",
       .summary = "dx = dy f'(x)",
       .attributes = attributes,
       .infer = same_as_input,
       .in_place = true},
  };
  return all;
}

}  // namespace ops
}  // namespace rectify::graph
