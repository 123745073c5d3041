#include "rectify/diagnose/regions/saliency.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/pass/differentiate.h"

namespace rectify::diagnose {

using graph::Attributes;
using graph::Graph;
using graph::NodeId;

namespace {

constexpr const char* shift_label = "saliency.shift";
constexpr const char* choice_label = "saliency.choice";

NodeId add_reshape(Graph& graph, NodeId input, const Shape& shape) {
  Attributes attributes;
  attributes.set("shape", shape.text());
  return graph.add("reshape", {input}, attributes);
}

/// The input plus a parameter, which is 0: the gradient in the parameter is that in the input. What
/// adds the same numbers to every sample is `positions`, which wants two axes.
NodeId add_shift(Graph& graph, NodeId input) {
  const Shape shape = graph.node(input).type.shape;
  const NodeId row = add_reshape(graph, input, Shape{1, shape.size()});
  const NodeId shift = graph.add_parameter(Shape{1, shape.size()}, {}, shift_label);
  return add_reshape(graph, graph.add("positions", {row, shift}), shape);
}

/// One output, chosen by a weight that is 1 there and 0 elsewhere, as a loss: the distance from a
/// target far below, whose slope is 1.
NodeId add_chosen_output(Graph& graph, NodeId result) {
  const NodeId flat = graph.add("flatten", {result});
  const std::int64_t outputs = graph.node(flat).type.shape.size();
  const NodeId choice = graph.add_parameter(Shape{outputs, 1}, {}, choice_label);
  Attributes one;
  one.set("units", std::int64_t{1});
  one.set("bias", std::string("no"));
  const NodeId chosen = graph.add("dense", {flat, choice}, one);
  const NodeId target = graph.add_input(Type{.shape = Shape{1}}, "saliency.target");
  return graph.add("mean_absolute_error", {chosen, target});
}

constexpr float far_below = -1e30f;

}  // namespace

Saliency::Nodes Saliency::nodes_of(const model::Model& model) {
  const Graph& from = model.graph;
  if (graph::ids_of(from) > 0)
    fail("the network reads ids, such as characters of a text, which have no gradient");
  Nodes nodes;
  std::vector<NodeId> copies;
  for (NodeId id = 0; id < from.size(); ++id) {
    graph::Node copy = from.node(id);
    for (NodeId& input : copy.inputs) input = copies[static_cast<std::size_t>(input)];
    const bool input = copy.label == "input";
    copies.push_back(nodes.graph.add_copy(std::move(copy)));
    if (input) copies.back() = add_shift(nodes.graph, copies.back());
  }
  const NodeId result = copies[static_cast<std::size_t>(from.result)];
  nodes.inputs = static_cast<std::size_t>(from.node(from.find("input")).type.shape.size());
  nodes.outputs = static_cast<std::size_t>(from.node(from.result).type.shape.size());
  const NodeId loss = add_chosen_output(nodes.graph, result);
  const auto gradients = pass::differentiate(nodes.graph, {loss});
  nodes.gradient = gradients.at(nodes.graph.find(shift_label));
  nodes.graph.result = result;
  return nodes;
}

Saliency::Saliency(const model::Model& model, ThreadPool& threads)
    : nodes_(nodes_of(model)),
      layout_(nodes_.graph),
      parameters_(layout_.floats()),
      plan_(nodes_.graph, layout_, parameters_.data(), threads,
            {.batch = 1, .keep = {nodes_.gradient}}) {
  for (const run::ParameterSlot& slot : model.layout.slots())
    std::copy_n(model.parameters.data() + slot.offset, slot.size,
                parameters_.data() + layout_.slot_of(nodes_.graph.find(slot.label)).offset);
}

std::vector<float> Saliency::gradient(std::span<const float> input, std::size_t output) {
  if (input.size() != nodes_.inputs)
    fail("the input has ", input.size(), " numbers but the network takes ", nodes_.inputs);
  if (output >= nodes_.outputs)
    fail("there is no output ", output, ": the network has ", nodes_.outputs,
         ", which are counted from 0");
  float* choice = parameters_.data() + layout_.slot_of(nodes_.graph.find(choice_label)).offset;
  std::fill_n(choice, nodes_.outputs, 0.0f);
  choice[output] = 1;
  std::ranges::copy(input, plan_.input(nodes_.graph.find("input")));
  *plan_.input(nodes_.graph.find("saliency.target")) = far_below;
  plan_.run({});
  const std::span<const float> found = plan_.value(nodes_.gradient);
  return {found.begin(), found.end()};
}

}  // namespace rectify::diagnose
