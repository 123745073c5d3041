#include <algorithm>
#include <map>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/selection.h"
#include "rectify/graph/text.h"
#include "rectify/graph/text_chain.h"

namespace rectify::graph {

namespace {

/// The activation that text_with_activation() replaces.
constexpr std::string_view rectifier_name = "relu";

/// The name of a node in a text, and the attributes that may follow it.
struct Typed {
  std::string name;
  std::vector<AttributeSpec> specs;
};

Typed typed(const Node& node) {
  if (is_activation(node)) {
    const activation::Row& row = activation_row(node);
    Typed t{std::string(row.name), activation_item_attributes(row)};
    for (AttributeSpec& spec : t.specs) spec.positional = false;
    return t;
  }
  const std::string_view name = item_name(*node.op, node.attributes);
  Typed t{std::string(name), {node.op->attributes.begin(), node.op->attributes.end()}};
  if (!node.attributes.has("row")) return t;
  if (name != node.op->name) std::erase_if(t.specs, [](auto& spec) { return spec.name == "row"; });
  for (AttributeSpec& spec : activation_attributes(activation_row(node))) {
    spec.positional = false;
    t.specs.push_back(spec);
  }
  return t;
}

/// How each node is written. If `rectifier` is given, it is written in place of `relu` and its
/// number.
std::vector<Written> written(const Graph& graph, const Written* rectifier = nullptr) {
  std::vector<Written> all(static_cast<std::size_t>(graph.result) + 1);
  std::map<std::string, int> lowest;  // of each stem: the number that no node so far has taken
  for (NodeId id = 0; id <= graph.result; ++id) {
    const Node& node = graph.node(id);
    if (!is_written(node)) continue;
    const auto& [stem, specs] = typed(node);
    Written& text = all[id];
    text.name = stem;
    const bool replaced = rectifier && stem == rectifier_name;
    if (replaced) text = *rectifier;
    for (const AttributeSpec& spec : replaced ? std::vector<AttributeSpec>() : specs)
      for (const auto& [key, value] : node.attributes.all()) {
        if (key != spec.name || value == spec.initial) continue;
        text.rest += spec.positional ? " " : " " + key + "=";
        text.rest += attribute_text(value);
      }
    // Labels that parse_model() would choose by itself are left out.
    int& number = lowest.try_emplace(stem, 1).first->second;
    const auto taken = [&](const std::string& label) {
      const NodeId other = graph.find(label);
      return other >= 0 && other < id;
    };
    while (taken(stem + std::to_string(number))) ++number;
    if (node.label != stem + std::to_string(number)) text.rest += " as " + node.label;
  }
  return all;
}

/// Throws Error for a graph that parse_model() could not read back.
void check_can_be_written(const Graph& graph) {
  if (graph.find("input") < 0) fail("the network has no input");
  std::vector<int> users(static_cast<std::size_t>(graph.result) + 1);
  for (NodeId id = 0; id <= graph.result; ++id)
    for (const NodeId input : graph.node(id).inputs) ++users[input];
  for (NodeId id = 0; id <= graph.result; ++id) {
    const Node& node = graph.node(id);
    const bool parameter = node.op->name == "parameter";
    if (parameter && users[id] > 1)
      fail("the text form has no word for '", node.label, "', which several layers share");
    if (!is_written(node)) continue;
    if (!is_activation(node) && !node.op->build && !node.op->joins)
      fail("the text form has no word for ", where(node));
    if (users[id] == 0 && id != graph.result)
      fail("the value of ", where(node), " is never used; the text form has no place for it");
  }
}

/// A line for each node: `%3 = add %1 %2`.
std::string lines_of(const Graph& graph, const std::vector<Written>& words) {
  std::string text;
  std::map<NodeId, int> numbers = {{graph.find("input"), 0}};
  for (NodeId id = 0; id <= graph.result; ++id) {
    const Node& node = graph.node(id);
    if (!is_written(node)) continue;
    const int number = static_cast<int>(numbers.size());
    text += concat(text.empty() ? " %" : " ; %", number, " = ", words[id].name);
    for (const NodeId input : node.inputs)
      if (numbers.contains(input)) text += concat(" %", numbers.at(input));
    text += words[id].rest;
    numbers[id] = number;
  }
  return text;
}

std::string text_of(const Graph& graph, const std::vector<Written>& words) {
  const std::string text = graph.node(graph.find("input")).type.shape.text() + " :";
  if (const auto chain = chain_text(graph, words)) return text + *chain;
  return text + lines_of(graph, words);
}

}  // namespace

std::string model_text(const Graph& graph) {
  check_can_be_written(graph);
  return text_of(graph, written(graph));
}

std::string text_with_activation(const Graph& graph, std::string_view item) {
  check_can_be_written(graph);
  const Graph one = parse_activation(item);
  const auto is_rectifier = [&](NodeId id) {
    return activation_row(graph.node(id)).name == rectifier_name;
  };
  if (std::ranges::none_of(activations(graph), is_rectifier))
    fail("the network has no 'relu' whose place '", item, "' could take");
  return text_of(graph, written(graph, &written(one)[one.result]));
}

std::string mlp_text(const Shape& input, const std::vector<std::int64_t>& hidden,
                     std::string_view activation, std::int64_t outputs) {
  std::string text = std::to_string(input.size()) + " : ";
  for (const std::int64_t width : hidden) text += concat("dense ", width, " | ", activation, " | ");
  return text + concat("dense ", outputs);
}

}  // namespace rectify::graph
