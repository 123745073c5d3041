// contractive_penalty: weight times the squared Frobenius norm of an encoder's Jacobian, a mean
// over the batch (Rifai et al. 2011, equation 6). For y = f(x), x = v W + c, the units' total
// inputs x and the layer's W are its inputs; it is the sum over the units j of f'(x_j)^2 |W_j|^2,
// where |W_j| is the norm of column j.

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/curvature.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "row", .initial = std::string("sigmoid"), .positional = true, .meaning = "f"},
    {.name = "weight",
     .initial = 0.1,
     .positional = true,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the squared norm"},
};

Type scalar(const Graph& graph, const Node& node) {
  curvature_of(node.attributes.word("row"));
  const std::int64_t units = last_extent(graph, node, 0);
  const Shape& weight = graph.input(node, 1).type.shape;
  if (weight.rank() != 2 || weight[1] != units)
    fail(where(node), " wants a weight with ", units, " columns, one a unit of '",
         graph.input(node, 0).label, "', not ", weight.text());
  return {.shape = {}, .per_sample = false};
}

Type like_units(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }
Type like_weight(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  const auto add = [&](const char* op, const std::string& label) {
    return context.graph.add(op, node.inputs, node.attributes, label);
  };
  const std::string stem = "d_" + node.label;
  if (context.wanted(1))
    context.accumulate(1, add("contractive_penalty_weight_gradient", stem + ".weight"));
  if (context.wanted(0) && curvature_of(node.attributes.word("row")) != Curvature::none)
    context.accumulate(0, add("contractive_penalty_gradient", stem));
}

Cost cost(const Graph& graph, const Node& node) {
  const double units = static_cast<double>(last_extent(graph, node, 0));
  return {.forward_flops = 4 * units, .gradient_flops = 4 * units};
}

}  // namespace

std::span<const Operator> contractive_penalty() {
  static const Operator all[] = {
      {.name = "contractive_penalty",
       .summary = "weight times the squared norm of the Jacobian of f(v W + c)",
       .attributes = attributes,
       .infer = scalar,
       .differentiate = differentiate,
       .cost = cost,
       .loss = true},
      {.name = "contractive_penalty_gradient",
       .summary = "2 weight |W_j|^2 f'(x_j) f''(x_j) / batch",
       .attributes = attributes,
       .infer = like_units},
      {.name = "contractive_penalty_weight_gradient",
       .summary = "2 weight W times the mean of f'(x_j)^2",
       .attributes = attributes,
       .infer = like_weight},
  };
  return all;
}

}  // namespace rectify::graph::ops
