#include "rectify/graph/activate.h"

#include <algorithm>
#include <utility>

#include "rectify/graph/operator.h"

namespace rectify::graph {

using activation::Varying;

bool is_activation(const Node& node) { return node.op->activation; }

bool is_selection(const Node& node) { return node.op->selects; }

bool is_one_activation(const Graph& graph) {
  const auto layers =
      std::ranges::count_if(graph.nodes(), [](const Node& node) { return !node.op->given; });
  const Node& result = graph.node(graph.result);
  return layers == 1 && (is_activation(result) || is_selection(result));
}

std::vector<NodeId> activations(const Graph& graph) {
  std::vector<NodeId> found;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (is_activation(graph.node(id))) found.push_back(id);
  return found;
}

std::vector<NodeId> hidden_outputs(const Graph& graph) {
  std::vector<NodeId> found;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (is_activation(graph.node(id)) || is_selection(graph.node(id))) found.push_back(id);
  return found;
}

std::string feeding_weight(const Graph& graph, NodeId id) {
  std::vector<bool> seen(static_cast<std::size_t>(graph.size()));
  std::vector<NodeId> level = {id}, next;
  for (; !level.empty(); level = std::exchange(next, {})) {
    NodeId weight = graph.size();
    for (const NodeId at : level)
      for (const NodeId input : graph.node(at).inputs) {
        const Node& node = graph.node(input);
        if (node.op->name == "parameter" && node.type.shape.rank() >= 2)
          weight = std::min(weight, input);
        if (!seen[static_cast<std::size_t>(input)]) next.push_back(input);
        seen[static_cast<std::size_t>(input)] = true;
      }
    if (weight < graph.size()) return graph.node(weight).label;
  }
  return {};
}

const activation::Row& activation_row(const Node& node) {
  return activation::find(is_selection(node) ? "relu" : node.attributes.word("row"));
}

activation::Parameters activation_parameters(const Node& node) {
  const activation::Row& row = activation_row(node);
  activation::Parameters p = row.defaults();
  for (std::size_t i = 0; i < row.parameters.size(); ++i)
    if (node.attributes.has(row.parameters[i].name))
      p[i] = node.attributes.number(row.parameters[i].name);
  return p;
}

std::vector<AttributeSpec> activation_attributes(const activation::Row& row) {
  std::vector<AttributeSpec> specs;
  for (const activation::ParameterInfo& p : row.parameters)
    specs.push_back({.name = p.name,
                     .initial = p.value,
                     .positional = true,
                     .low = p.low,
                     .high = p.high,
                     .meaning = p.meaning});
  return specs;
}

std::vector<AttributeSpec> activation_item_attributes(const activation::Row& row) {
  static constexpr std::string_view yes_no[] = {"yes", "no"};
  std::vector<AttributeSpec> specs = activation_attributes(row);
  if (may_be_learned(row.varying))
    specs.push_back({.name = "learn",
                     .initial = std::string(row.varying == Varying::learned ? "yes" : "no"),
                     .choices = yes_no,
                     .meaning = "train the number, one for each channel"});
  return specs;
}

bool is_learned(const activation::Row& row, const Attributes& attributes) {
  if (!may_be_learned(row.varying)) return false;
  return attributes.has("learn") ? attributes.word("learn") == "yes"
                                 : row.varying == Varying::learned;
}

NodeId add_activation(Graph& graph, NodeId input, const Attributes& attributes, std::string label) {
  const activation::Row& row = activation::find(attributes.word("row"));
  if (label.empty()) label = graph.fresh_label(row.name);
  const bool drawn = row.varying == Varying::uniform || row.varying == Varying::normal;
  if (drawn) return graph.add("activate_random", {input}, attributes, std::move(label));
  if (!is_learned(row, attributes))
    return graph.add("activate", {input}, attributes, std::move(label));
  const activation::ParameterInfo& number = row.parameters[0];
  Attributes start;
  start.set("start", attributes.has(number.name) ? attributes.number(number.name) : number.value);
  const NodeId learned = graph.add_parameter(Shape{last_extent(graph, input)}, start,
                                             label + "." + std::string(number.name));
  return graph.add("activate_learned", {input, learned}, attributes, std::move(label));
}

Type activation_type(const Graph& graph, const Node& node) {
  activation_row(node);  // throws for a name that is not in the family
  return graph.input(node, 0).type;
}

Cost activation_cost(const Graph&, const Node& node) {
  const double elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

std::span<const AttributeSpec> row_attribute() {
  static const AttributeSpec specs[] = {
      {.name = "row", .initial = std::string("relu"), .meaning = "name of the activation"},
  };
  return specs;
}

}  // namespace rectify::graph
