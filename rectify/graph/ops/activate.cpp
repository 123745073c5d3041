// activate: y = f(x), where f is a row of the activation family. Its gradient is dx = dy f'(x).

#include "rectify/graph/activate.h"

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

// The text of a model says only the name of the row. So rows that belong to another operator are
// refused here: their text would be read back as that operator.
Type infer(const Graph& graph, const Node& node) {
  const activation::Row& row = activation_row(node);
  const bool drawn = row.varying != activation::Varying::none && !may_be_learned(row.varying);
  if (drawn || is_learned(row, node.attributes))
    fail(where(node), ": ", row.name, " has a number that is learned or drawn; add it with",
         " add_activation");
  return activation_type(graph, node);
}

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const bool from_output = activation_row(node).from_output(activation_parameters(node));
  const NodeId saved = from_output ? context.node : node.inputs[0];
  context.accumulate(0, context.graph.add("activate_gradient", {context.upstream, saved},
                                          node.attributes, "d_" + node.label));
}

}  // namespace

std::span<const Operator> activate() {
  static const Operator all[] = {
      {.name = "activate",
       .summary = "y = f(x), f a row of the activation family",
       .attributes = row_attribute(),
       .infer = infer,
       .differentiate = differentiate,
       .cost = activation_cost,
       .in_place = true,
       .activation = true},
      {.name = "activate_gradient",
       .summary = "dx = dy f'(x)",
       .attributes = row_attribute(),
       .infer = activation_type,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
