// dense_transposed: y = x W^T + b, with a weight W (in, out) that a dense layer has too: the way
// back of a Boltzmann machine, and the decoder of an autoencoder with tied weights.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  const Type& x = graph.input(node, 0).type;
  const Shape& weight = graph.input(node, 1).type.shape;
  if (x.shape.rank() == 0 || x.shape.back() != weight[1])
    fail(where(node), " wants ", weight[1], " inputs but '", graph.input(node, 0).label, "' gives ",
         x.shape.text());
  Type type = with_last_extent(x, weight[0]);
  type.element = Element::float32;
  return type;
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  context.accumulate(1, graph.add("dense_weight_gradient", {context.upstream, node.inputs[0]}, {},
                                  stem + ".weight"));
  if (node.inputs.size() > 2)
    context.accumulate(2, graph.add("dense_bias_gradient", {context.upstream}, {}, stem + ".bias"));
  if (!context.wanted(0)) return;
  Attributes without_bias;
  without_bias.set("units", graph.node(node.inputs[1]).type.shape[1]);
  without_bias.set("bias", std::string("no"));
  context.accumulate(
      0, graph.add("dense", {context.upstream, node.inputs[1]}, without_bias, stem + ".input"));
}

Cost cost(const Graph& graph, const Node& node) {
  const double outputs = static_cast<double>(node.type.shape.size());
  const double product = 2 * outputs * static_cast<double>(last_extent(graph, node, 0));
  return {.forward_flops = product + (node.inputs.size() > 2 ? outputs : 0.0),
          .gradient_flops = 2 * product};
}

}  // namespace

std::span<const Operator> dense_transposed() {
  static const Operator all[] = {{.name = "dense_transposed",
                                  .summary = "y = x W^T + b, W of another layer",
                                  .infer = infer,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .factors = 2}};
  return all;
}

}  // namespace rectify::graph::ops
