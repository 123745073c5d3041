// worst_margins: for inputs x of a last layer y = x W + b that lie in c - r <= x <= c + r, the
// largest that y_j - y_t can be, where t is the sample's target:
//
//     z_j = sum of (W_ij - W_it) c_i + |W_ij - W_it| r_i, plus b_j - b_t;    z_t = 0
//
// The answer is t for all of these x where all other z_j are below 0. A softmax cross-entropy of z
// is an upper bound of that of y (Gowal et al. 2018, "On the effectiveness of interval bound
// propagation", section 3, with the last layer and the difference taken together).
// The inputs are c, r, W, t and, where there is one, b.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  const Node &centre = graph.input(node, 0), &radius = graph.input(node, 1);
  const Shape& weight = graph.input(node, 2).type.shape;
  if (centre.type != radius.type || centre.type.shape.rank() != 1 || weight.rank() != 2 ||
      weight[0] != centre.type.shape[0])
    fail(where(node), " wants one matrix row of ", weight[0], " numbers twice but '", centre.label,
         "' gives ", centre.type.shape.text(), " and '", radius.label, "' gives ",
         radius.type.shape.text());
  return with_last_extent(centre.type, weight[1]);
}

// In the order of the inputs: what each gradient reads besides dy, and is called.
constexpr const char* names[] = {"centre", "radius", "weight", "", "bias"};

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const NodeId c = node.inputs[0], r = node.inputs[1], w = node.inputs[2], t = node.inputs[3];
  const std::vector<NodeId> reads[] = {{w, t}, {w, t}, {w, t, c, r}, {}, {t}};
  for (std::size_t i = 0; i < node.inputs.size(); ++i) {
    if (reads[i].empty() || !context.wanted(i)) continue;
    std::vector<NodeId> inputs = {context.upstream};
    inputs.insert(inputs.end(), reads[i].begin(), reads[i].end());
    context.accumulate(i, graph.add(concat("worst_margins_", names[i], "_gradient"), inputs, {},
                                    concat("d_", node.label, ".", names[i])));
  }
}

Cost cost(const Graph& graph, const Node& node) {
  const auto products = static_cast<double>(graph.input(node, 2).type.shape.size());
  return {.forward_flops = 6 * products, .gradient_flops = 14 * products};
}

Type like_features(const Graph& graph, const Node& node) {
  return with_last_extent(graph.input(node, 0).type, graph.input(node, 1).type.shape[0]);
}
Type like_weight(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }
Type like_bias(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false};
}

}  // namespace

std::span<const Operator> worst_margins() {
  static const Operator all[] = {
      {.name = "worst_margins",
       .summary = "largest y_j - y_t of a last layer over a box of its inputs",
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost},
      {.name = "worst_margins_centre_gradient",
       .summary = "dc_i = sum of dy_j (W_ij - W_it)",
       .infer = like_features},
      {.name = "worst_margins_radius_gradient",
       .summary = "dr_i = sum of dy_j |W_ij - W_it|",
       .infer = like_features},
      {.name = "worst_margins_weight_gradient",
       .summary = "dW_ij = dy_j (c_i + sign(W_ij - W_it) r_i), and its negative sum for j = t",
       .infer = like_weight},
      {.name = "worst_margins_bias_gradient",
       .summary = "db_j = dy_j, and its negative sum for j = t",
       .infer = like_bias},
  };
  return all;
}

}  // namespace rectify::graph::ops
