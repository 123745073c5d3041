// batch_norm: y = (x - mean) / sqrt(variance + epsilon) scale + shift for each channel (the last
// axis), over the batch and all other axes. Ioffe & Szegedy 2015. In training, mean and variance
// are those of the batch; the variance is divided by the number of elements. In inference they are
// running statistics, which are states: after a step, running = (1 - momentum) running + momentum
// batch. For the running variance, the batch's variance is the unbiased one, divided by the number
// of elements less 1, as in PyTorch. Scale and shift are learned, one for each channel.
//
// The statistics, mean and variance of each channel, are a node of their own, because the gradients
// and the next state read them too. The gradient in x includes the way through the statistics. That
// is all in the rule of batch_norm, so the node of the statistics needs no gradient rule.

#include "rectify/base/error.h"
#include "rectify/graph/norm.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec momentum{.name = "momentum",
                             .initial = 0.1,
                             .low = 0,
                             .high = 1,
                             .meaning = "share of the batch in the running statistics"};

std::span<const AttributeSpec> attributes() {
  static const AttributeSpec specs[] = {momentum, epsilon_attribute(), affine_attribute()};
  return specs;
}
std::span<const AttributeSpec> epsilon() { return {&epsilon_attribute(), 1}; }

const AttributeSpec positions[] = {
    momentum,
    {.name = "positions",
     .initial = std::int64_t{1},
     .low = 1,
     .high = 1e12,
     .meaning = "elements of a channel in a sample"},
};

Type one_a_channel(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false};
}

Type statistics_type(const Graph& graph, const Node& node) {
  for (const std::size_t state : {1, 2})
    expect_type(graph, node, state, one_a_channel(graph, node));
  return channel_numbers(graph, node, 0, 2);
}

Type infer(const Graph& graph, const Node& node) {
  expect_type(graph, node, 1, channel_numbers(graph, node, 0, 2));
  for (std::size_t i = 2; i < node.inputs.size(); ++i)
    expect_type(graph, node, i, one_a_channel(graph, node));
  return graph.input(node, 0).type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("batch_norm");
  const Shape channels{last_extent(graph, input)};
  Attributes how;
  how.set("momentum", given.number("momentum"));
  const NodeId mean = graph.add_state(channels, 0, label + ".mean");
  const NodeId variance = graph.add_state(channels, 1, label + ".variance");
  std::vector<NodeId> inputs = {input, graph.add("batch_norm_statistics", {input, mean, variance},
                                                 how, label + ".statistics")};
  if (given.word("affine") == "yes") {
    inputs.push_back(add_channel_parameter(graph, input, 1, label + ".scale"));
    inputs.push_back(add_channel_parameter(graph, input, 0, label + ".shift"));
  }
  return graph.add("batch_norm", inputs, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  Attributes how;
  how.set("epsilon", node.attributes.number("epsilon"));
  std::vector<NodeId> inputs = {context.upstream, node.inputs[0], node.inputs[1]};
  const NodeId sums = graph.add("batch_norm_sums", inputs, how, stem + ".sums");
  inputs.push_back(sums);
  if (node.inputs.size() > 2) {
    for (std::int64_t i = 0; i < 2; ++i) {
      Attributes index;
      index.set("index", i);
      context.accumulate(static_cast<std::size_t>(3 - i),
                         graph.add("pick", {sums}, index, stem + (i == 0 ? ".shift" : ".scale")));
    }
    inputs.push_back(node.inputs[2]);
  }
  // This gradient is added last, so it reads dy last and may be computed in place of dy.
  if (context.wanted(0)) context.accumulate(0, graph.add("batch_norm_gradient", inputs, how, stem));
}

void advance(Graph& graph, NodeId id, NextStates& next) {
  const Node node = graph.node(id);  // a copy: adding nodes moves them
  const Shape& x = graph.input(node, 0).type.shape;
  Attributes how = node.attributes;
  const auto add = [&](std::size_t state, std::string_view op) {
    const std::string label = graph.input(node, state).label + ".next";
    next[node.inputs[state]] = graph.add(op, {node.inputs[state], id}, how, label);
  };
  add(1, "running_mean");
  how.set("positions", x.size() / last_extent(graph, node, 0));
  add(2, "running_variance");
}

// The inputs are dy, x, the statistics.
Type sums_type(const Graph& graph, const Node& node) { return channel_numbers(graph, node, 1, 2); }
Type gradient_type(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

Type next_type(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

}  // namespace

std::span<const Operator> batch_norm() {
  static const Operator all[] = {
      {.name = "batch_norm",
       .summary = "y = (x - mean) / sqrt(variance + epsilon) scale + shift, over the batch",
       .attributes = attributes(),
       .infer = infer,
       .differentiate = differentiate,
       .cost = norm_cost,
       .build = build,
       .in_place = true,
       .onnx = "BatchNormalization"},
      {.name = "batch_norm_statistics",
       .summary = "mean and variance of each channel: the batch's in training, else running ones",
       .attributes = {&momentum, 1},
       .infer = statistics_type,
       .advance = advance,
       .part = true},
      {.name = "running_mean",
       .summary = "(1 - momentum) running + momentum batch",
       .attributes = {&momentum, 1},
       .infer = next_type},
      {.name = "running_variance",
       .summary = "(1 - momentum) running + momentum batch, without the batch's bias",
       .attributes = positions,
       .infer = next_type},
      {.name = "batch_norm_sums",
       .summary = "sum of dy, and of dy times what is normalised, for each channel",
       .attributes = epsilon(),
       .infer = sums_type},
      {.name = "batch_norm_gradient",
       .summary = "dx = (dy - mean(dy) - z mean(dy z)) scale / sqrt(variance + epsilon), z what is "
                  "normalised; without the means in inference",
       .attributes = epsilon(),
       .infer = gradient_type,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
