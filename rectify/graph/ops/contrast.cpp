// The directions in which a Boltzmann machine learns: statistics of the model less those of the
// data, means over the batch. x0 and h0 are the visible and hidden units with the data, x1 and h1
// those of the machine's own samples; an optimiser moves against the direction. Hinton 2002.
//
//     contrast_weights: (x1^T h1 - x0^T h0) / batch
//     contrast_biases:  mean of x1 - mean of x0
//
// With offsets m of the visible and l of the hidden units (centring; Melchior, Fischer & Wiskott
// 2016, algorithm 1) x - m and h - l stand in place of x and h, and a bias also moves by the
// weights' direction D: -D l for the visible, -D^T m for the hidden units.
//
// contrast_sums: (a - b) / (places x batch), of sums over all samples and places such as a
// convolution's gradients in its weight: a of the machine, b of the data.
//
// moving_mean: the next value of a state s that follows the mean of x over batches.
// sparsity_pull: y = x - cost (s - target) for such a state s: used in place of h0, it pulls units
// to a mean of `target` (Lee, Ekanadham & Ng 2008, with the gradient of the biases' step).

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view sides[] = {"visible", "hidden"};

const AttributeSpec side[] = {
    {.name = "side",
     .initial = std::string("hidden"),
     .choices = sides,
     .meaning = "the units whose biases they are"},
};

const AttributeSpec places[] = {
    {.name = "places",
     .initial = std::int64_t{1},
     .low = 1,
     .high = std::int64_t{1} << 40,
     .meaning = "of a sample"},
};

const AttributeSpec rate[] = {
    {.name = "rate", .initial = 0.01, .low = 0, .high = 1, .meaning = "share of the new mean"},
};

const AttributeSpec pull[] = {
    {.name = "target", .initial = 0.05, .low = 0, .high = 1e3, .meaning = "wanted mean"},
    {.name = "cost", .initial = 0.1, .low = 0, .high = 1e3, .meaning = "strength"},
};

Type weights(const Graph& graph, const Node& node) {
  const std::int64_t visible = last_extent(graph, node, 0);
  const std::int64_t hidden = last_extent(graph, node, 1);
  if (last_extent(graph, node, 2) != visible || last_extent(graph, node, 3) != hidden)
    fail(where(node), " wants ", visible, " and ", hidden, " units of the machine too, not ",
         last_extent(graph, node, 2), " and ", last_extent(graph, node, 3));
  return {.shape = Shape{visible, hidden}, .per_sample = false};
}

Type of_each_unit(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false};
}

Type of_sums(const Graph& graph, const Node& node) {
  const Type &a = graph.input(node, 0).type, &b = graph.input(node, 1).type;
  if (a.per_sample || a.shape != b.shape)
    fail(where(node), " wants two sums over samples of one shape, not ", a.shape.text(), " and ",
         b.shape.text());
  return a;
}

Type like_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

Cost cost_of_weights(const Graph&, const Node& node) {
  return {.forward_flops = 4.0 * static_cast<double>(node.type.shape.size())};
}

}  // namespace

std::span<const Operator> contrast() {
  static const Operator all[] = {
      {.name = "contrast_weights",
       .summary = "(x1^T h1 - x0^T h0) / batch, of x0 h0 x1 h1 and perhaps offsets m l",
       .infer = weights,
       .cost = cost_of_weights},
      {.name = "contrast_biases",
       .summary = "mean of x1 - mean of x0, of x0 x1 and perhaps D and an offset",
       .attributes = side,
       .infer = of_each_unit},
      {.name = "contrast_sums",
       .summary = "(a - b) / (places x batch), of sums a b over samples and places",
       .attributes = places,
       .infer = of_sums},
      {.name = "moving_mean",
       .summary = "(1 - rate) s + rate mean of x, of x s",
       .attributes = rate,
       .infer = of_each_unit},
      {.name = "sparsity_pull",
       .summary = "x - cost (s - target), of x s",
       .attributes = pull,
       .infer = like_input},
  };
  return all;
}

}  // namespace rectify::graph::ops
