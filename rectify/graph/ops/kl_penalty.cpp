// kl_penalty: weight times the sum over the units j of KL(rho || m_j), the divergence of a coin
// that shows 1 with probability m_j, the mean of unit j over the batch, from one of probability rho
// = `target` (Ng 2011, "Sparse autoencoder"): rho ln(rho / m) + (1 - rho) ln((1 - rho) / (1 - m)).
// It makes units with values from 0 to 1 sparse. A mean of 0 or 1 counts as 1e-6 from there.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "target",
     .initial = 0.05,
     .positional = true,
     .low = 1e-6,
     .high = 1 - 1e-6,
     .meaning = "wanted mean of each unit"},
    {.name = "weight",
     .initial = 0.1,
     .positional = true,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the divergences"},
};

Type scalar(const Graph&, const Node&) { return {.shape = {}, .per_sample = false}; }
Type like_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  context.accumulate(
      0, context.graph.add("kl_penalty_gradient", node.inputs, node.attributes, "d_" + node.label));
}

Cost cost(const Graph& graph, const Node& node) {
  const double elements = static_cast<double>(graph.input(node, 0).type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> kl_penalty() {
  static const Operator all[] = {
      {.name = "kl_penalty",
       .summary = "weight times the divergences of the units' means from a target",
       .attributes = attributes,
       .infer = scalar,
       .differentiate = differentiate,
       .cost = cost,
       .loss = true},
      {.name = "kl_penalty_gradient",
       .summary = "weight ((1 - target) / (1 - m_j) - target / m_j) / batch",
       .attributes = attributes,
       .infer = like_input},
  };
  return all;
}

}  // namespace rectify::graph::ops
