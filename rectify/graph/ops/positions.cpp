// positions: y = x + P, so that a network can tell the places of a sequence apart. P has a sample's
// shape, (T, C), and is the same for every sample. P is learned, or has the sines and cosines of
// Vaswani et al. 2017, section 3.5: P[t][2 i] = sin(t / 10000^(2 i / C)), P[t][2 i + 1] = cos of
// the same.

#include "rectify/graph/positions.h"

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

double sinusoid(std::int64_t t, std::int64_t c, std::int64_t channels) {
  const double power = static_cast<double>(c - c % 2) / static_cast<double>(channels);
  const double angle = static_cast<double>(t) * std::pow(10000.0, -power);
  return c % 2 == 0 ? std::sin(angle) : std::cos(angle);
}

namespace ops {

namespace {

constexpr std::string_view kinds[] = {"learned", "sinusoidal"};
const AttributeSpec attributes[] = {
    {.name = "kind",
     .initial = std::string("learned"),
     .choices = kinds,
     .meaning = "where the numbers come from"},
};

Type infer(const Graph& graph, const Node& node) {
  const Node& x = graph.input(node, 0);
  if (x.type.shape.rank() < 2)
    fail(where(node), " wants rows of channels, such as 128x64, but '", x.label, "' gives ",
         x.type.shape.text());
  if (node.inputs.size() > 1 && graph.input(node, 1).type.shape != x.type.shape)
    fail(where(node), " wants ", x.type.shape.text(), " numbers but '", graph.input(node, 1).label,
         "' has ", graph.input(node, 1).type.shape.text());
  return x.type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("positions");
  std::vector<NodeId> inputs = {input};
  if (given.word("kind") == "learned") {
    Attributes start;
    start.set("init", std::string("auto"));
    start.set("gain", 1.0);
    start.set("fan", last_extent(graph, input));  // nothing is summed
    inputs.push_back(graph.add_parameter(graph.node(input).type.shape, start, label + ".weight"));
  }
  return graph.add("positions", inputs, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  if (node.inputs.size() > 1)
    context.accumulate(
        1, graph.add("positions_gradient", {context.upstream}, {}, "d_" + node.label + ".weight"));
  if (context.wanted(0)) context.accumulate(0, context.upstream);
}

Cost cost(const Graph&, const Node& node) {
  const double numbers = static_cast<double>(node.type.shape.size());
  return {.forward_flops = numbers, .gradient_flops = node.inputs.size() > 1 ? numbers : 0};
}

Type gradient_type(const Graph& graph, const Node& node) {
  return {.shape = graph.input(node, 0).type.shape, .per_sample = false};
}

}  // namespace

std::span<const Operator> positions() {
  static const Operator all[] = {
      {.name = "positions",
       .summary = "y = x + P, with the same P for every sample",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .in_place = true,
       .onnx = "Add"},
      {.name = "positions_gradient",
       .summary = "dP = sum of dy over the batch",
       .infer = gradient_type},
  };
  return all;
}

}  // namespace ops

}  // namespace rectify::graph
