// attention: each place of a sequence gets a weighted mean of the values of all places; the weights
// say how well the places fit (Vaswani et al. 2017, section 3.2). The last axis of x (T, 3 C) holds
// queries, keys and values side by side, C each, cut into heads of d = C / heads:
//   y[t] = sum over s of P[t][s] v[s],  P[t] = softmax over s of q[t] . k[s] / sqrt(d),
// separately for each head. With `causal`, only places s <= t count. The projections before and
// after are dense layers: dense 3C | attention heads | dense C. A non-finite score makes its row of
// P NaN. P is never stored: the gradient computes it again, block by block.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view yes_no[] = {"yes", "no"};
const AttributeSpec attributes[] = {
    {.name = "heads",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 16,
     .meaning = "heads"},
    {.name = "causal",
     .initial = std::string("no"),
     .choices = yes_no,
     .meaning = "no place sees a later one"},
};

Type infer(const Graph& graph, const Node& node) {
  const Node& x = graph.input(node, 0);
  const Shape& shape = x.type.shape;
  const std::int64_t parts = 3 * node.attributes.integer("heads");
  check_range(attributes[0], node.attributes.integer("heads"), where(node));
  if (shape.rank() < 2)
    fail(where(node), " wants a sequence of rows, such as 128x192, but '", x.label, "' gives ",
         shape.text());
  if (shape.back() % parts != 0)
    fail(where(node), " wants queries, keys and values side by side, 3 x ",
         node.attributes.integer("heads"), " equal parts, but '", x.label, "' gives rows of ",
         shape.back(), "; put dense before it");
  return with_last_extent(x.type, shape.back() / 3);
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("attention", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  context.accumulate(
      0, graph.add("attention_gradient", {context.upstream, node.inputs[0], context.node},
                   node.attributes, "d_" + node.label));
}

// Scores and means take one multiply-add for each pair of places and each channel. The gradient
// computes the scores again, twice, and has four products of its own. With `causal`, half the pairs
// count.
Cost cost_of(const Node& node, const Shape& y) {
  const double places = static_cast<double>(y[y.rank() - 2]);
  const bool causal = node.attributes.word("causal") == "yes";
  const double seen = causal ? (places + 1) / 2 : places;  // places that one place sees, on average
  const double product = 2 * seen * static_cast<double>(y.size());
  const double heads = static_cast<double>(node.attributes.integer("heads"));
  const double exponentials =
      4 * seen * heads * static_cast<double>(y.size()) / static_cast<double>(y.back());
  return {.forward_flops = 2 * product + exponentials,
          .gradient_flops = 6 * product + 3 * exponentials};
}
Cost cost(const Graph&, const Node& node) { return cost_of(node, node.type.shape); }
Cost gradient_cost(const Graph& graph, const Node& node) {  // its third input is y
  return {.forward_flops = cost_of(node, graph.input(node, 2).type.shape).gradient_flops};
}

Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

}  // namespace

std::span<const Operator> attention() {
  static const Operator all[] = {
      {.name = "attention",
       .summary = "means of values by the fit of queries to keys",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build},
      {.name = "attention_gradient",
       .summary = "dv = P^T dy, dq and dk through dS = P (dy v^T - dy . y) / sqrt(d)",
       .attributes = attributes,
       .infer = gradient_type,
       .cost = gradient_cost},
  };
  return all;
}

}  // namespace rectify::graph::ops
