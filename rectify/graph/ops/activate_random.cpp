// activate_random: y = f(x, a), where f is a row of the family and a is drawn for every element in
// training, such as rrelu's slope (Xu et al. 2015) or noisy_relu's noise (Nair & Hinton 2010). In
// inference it is the row's f(x). The gradient draws the same numbers again and treats them as
// constants.

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  const activation::Row& row = activation_row(node);
  if (row.varying != activation::Varying::uniform && row.varying != activation::Varying::normal)
    fail(where(node), ": ", row.name, " draws no numbers");
  const activation::Parameters p = activation_parameters(node);
  if (row.varying == activation::Varying::uniform && p[0] > p[1])
    fail(where(node), ": ", row.parameters[0].name, " is ", number_text(p[0]), " but ",
         row.parameters[1].name, " is ", number_text(p[1]), "; the first must not be larger");
  return graph.input(node, 0).type;
}

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const NodeId gradient =
      context.graph.add("activate_random_gradient", {context.upstream, node.inputs[0]},
                        node.attributes, "d_" + node.label);
  context.graph.share_stream(gradient, context.node);
  context.accumulate(0, gradient);
}

}  // namespace

std::span<const Operator> activate_random() {
  static const Operator all[] = {
      {.name = "activate_random",
       .summary = "y = f(x, a), f a row of the activation family, a drawn in training",
       .attributes = row_attribute(),
       .infer = infer,
       .differentiate = differentiate,
       .cost = activation_cost,
       .in_place = true,
       .random = true,
       .activation = true},
      {.name = "activate_random_gradient",
       .summary = "dx = dy df/dx with the same numbers",
       .attributes = row_attribute(),
       .infer = infer,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
