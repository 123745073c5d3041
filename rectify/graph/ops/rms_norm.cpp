// rms_norm: y = x / sqrt(mean of x^2 + epsilon) scale, with the mean over the last axis; scale is
// learned, one for each channel. Zhang & Sennrich 2019. Its gradients compute the mean from x
// again.

#include "rectify/graph/norm.h"

namespace rectify::graph::ops {

namespace {

std::span<const AttributeSpec> attributes() {
  static const AttributeSpec specs[] = {epsilon_attribute(), affine_attribute()};
  return specs;
}

Type infer(const Graph& graph, const Node& node) {
  if (node.inputs.size() > 1)
    expect_type(graph, node, 1, {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false});
  return graph.input(node, 0).type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("rms_norm");
  std::vector<NodeId> inputs = {input};
  if (given.word("affine") == "yes")
    inputs.push_back(add_channel_parameter(graph, input, 1, label + ".scale"));
  return graph.add("rms_norm", inputs, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  std::vector<NodeId> inputs = {context.upstream, node.inputs[0]};
  if (node.inputs.size() > 1) {
    context.accumulate(
        1, graph.add("rms_norm_scale_gradient", inputs, node.attributes, stem + ".scale"));
    inputs.push_back(node.inputs[1]);
  }
  // This gradient is added last, so it reads dy last and may be computed in place of dy.
  if (context.wanted(0))
    context.accumulate(0, graph.add("rms_norm_gradient", inputs, node.attributes, stem));
}

Type scale_gradient_type(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 1)}, .per_sample = false};
}
Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

}  // namespace

std::span<const Operator> rms_norm() {
  static const Operator all[] = {
      {.name = "rms_norm",
       .summary = "y = x / sqrt(mean of x^2 + epsilon) scale, over the last axis",
       .attributes = attributes(),
       .infer = infer,
       .differentiate = differentiate,
       .cost = norm_cost,
       .build = build,
       .in_place = true,
       .onnx = "RMSNormalization"},
      {.name = "rms_norm_scale_gradient",
       .summary = "sum of dy times what is normalised, for each channel",
       .attributes = attributes(),
       .infer = scale_gradient_type},
      {.name = "rms_norm_gradient",
       .summary = "dx = (g - z mean(g z)) / sqrt(mean of x^2 + epsilon), g = dy scale, z what is "
                  "normalised",
       .attributes = attributes(),
       .infer = gradient_type,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
