// layer_norm: y = (x - mean) / sqrt(variance + epsilon) scale + shift. Mean and variance are taken
// over the last axis; scale and shift are learned, one for each channel (the last axis). Ba, Kiros
// & Hinton 2016. The gradients compute mean and variance from x again, which costs less than
// storing them.

#include "rectify/graph/norm.h"

namespace rectify::graph::ops {

namespace {

std::span<const AttributeSpec> attributes() {
  static const AttributeSpec specs[] = {epsilon_attribute(), affine_attribute()};
  return specs;
}

Type infer(const Graph& graph, const Node& node) {
  for (std::size_t i = 1; i < node.inputs.size(); ++i)
    expect_type(graph, node, i, {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false});
  return graph.input(node, 0).type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("layer_norm");
  std::vector<NodeId> inputs = {input};
  if (given.word("affine") == "yes") {
    inputs.push_back(add_channel_parameter(graph, input, 1, label + ".scale"));
    inputs.push_back(add_channel_parameter(graph, input, 0, label + ".shift"));
  }
  return graph.add("layer_norm", inputs, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  std::vector<NodeId> inputs = {context.upstream, node.inputs[0]};
  if (node.inputs.size() > 1) {
    const NodeId sums = graph.add("layer_norm_sums", inputs, node.attributes, stem + ".sums");
    for (std::int64_t i = 0; i < 2; ++i) {
      Attributes index;
      index.set("index", i);
      context.accumulate(static_cast<std::size_t>(2 - i),
                         graph.add("pick", {sums}, index, stem + (i == 0 ? ".shift" : ".scale")));
    }
    inputs.push_back(node.inputs[1]);
  }
  // This gradient is added last, so it reads dy last and may be computed in place of dy.
  if (context.wanted(0))
    context.accumulate(0, graph.add("layer_norm_gradient", inputs, node.attributes, stem));
}

Type sums_type(const Graph& graph, const Node& node) { return channel_numbers(graph, node, 1, 2); }
Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

}  // namespace

std::span<const Operator> layer_norm() {
  static const Operator all[] = {
      {.name = "layer_norm",
       .summary = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, over the last axis",
       .attributes = attributes(),
       .infer = infer,
       .differentiate = differentiate,
       .cost = norm_cost,
       .build = build,
       .in_place = true,
       .onnx = "LayerNormalization"},
      {.name = "layer_norm_sums",
       .summary = "sum of dy, and of dy times what is normalised, for each channel",
       .attributes = attributes(),
       .infer = sums_type},
      {.name = "layer_norm_gradient",
       .summary = "dx = (g - mean(g) - z mean(g z)) / sqrt(variance + epsilon), g = dy scale, z "
                  "what is normalised",
       .attributes = attributes(),
       .infer = gradient_type,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
