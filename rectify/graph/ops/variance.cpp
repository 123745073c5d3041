// Gaussian visible units with a learned variance exp(z) each (Cho, Ilin & Raiko 2011, "Improved
// learning of Gaussian-Bernoulli restricted Boltzmann machines"). The machine's energy is the sum
// of (v - b)² exp(-z) / 2 - v m exp(-z), m = W h, less c h.
//
//     scale_units:        y = x exp(power z)
//     contrast_variances: mean of q1 - mean of q0, where q = exp(-z) ((v - b)² / 2 - v (r - b)) is
//                         minus the derivative of the energy in z, and r = b + m the units' total
//                         input. v0 and r0 are of the data, v1 and r1 of the machine; an optimiser
//                         moves z against it.
//
// Variances stop at `least`: below its logarithm z counts as that, and the direction does not go
// further down. A number that never changes would otherwise lead to a variance of 0.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec least_variance = {
    .name = "least", .initial = 0.01, .low = 1e-12, .high = 1e12, .meaning = "smallest variance"};

const AttributeSpec scaling[] = {
    {.name = "power", .initial = 1.0, .low = -2, .high = 2, .meaning = "power of the variance"},
    least_variance,
};

const AttributeSpec contrast_of_variances[] = {least_variance};

void check_units(const Graph& graph, const Node& node, std::int64_t units, std::size_t input) {
  if (last_extent(graph, node, input) != units)
    fail(where(node), " wants ", units, " numbers of '", graph.input(node, input).label,
         "' too, not ", last_extent(graph, node, input));
}

Type scaled(const Graph& graph, const Node& node) {
  check_units(graph, node, last_extent(graph, node, 0), 1);
  return graph.input(node, 0).type;
}

Type of_each_unit(const Graph& graph, const Node& node) {
  const std::int64_t units = last_extent(graph, node, 0);
  for (std::size_t i = 1; i < node.inputs.size(); ++i) check_units(graph, node, units, i);
  return {.shape = Shape{units}, .per_sample = false};
}

Cost cost_of_variances(const Graph& graph, const Node& node) {
  return {.forward_flops = 12.0 * static_cast<double>(graph.input(node, 0).type.shape.size())};
}

}  // namespace

std::span<const Operator> variance() {
  static const Operator all[] = {
      {.name = "scale_units",
       .summary = "x exp(power z), of x z",
       .attributes = scaling,
       .infer = scaled,
       .in_place = true},
      {.name = "contrast_variances",
       .summary = "mean of q1 - mean of q0, of v0 r0 v1 r1 b z",
       .attributes = contrast_of_variances,
       .infer = of_each_unit,
       .cost = cost_of_variances},
  };
  return all;
}

}  // namespace rectify::graph::ops
