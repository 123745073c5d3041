#include <map>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::graph {

namespace {

/// The name under which a node is typed, and the attributes that may follow.
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

/// `lowest` holds, for each stem, the lowest number that nodes before this one have not taken.
std::string item_text(const Graph& graph, NodeId id, std::map<std::string, int>& lowest) {
  const Node& node = graph.node(id);
  const auto& [stem, specs] = typed(node);
  std::string text = stem;
  for (const AttributeSpec& spec : specs)
    for (const auto& [key, value] : node.attributes.all()) {
      if (key != spec.name || value == spec.initial) continue;
      text += ' ';
      if (!spec.positional) text += key + "=";
      text += attribute_text(value);
    }
  // Labels that parse_model would give by itself are left out.
  int& number = lowest.try_emplace(stem, 1).first->second;
  const auto taken = [&](const std::string& label) {
    const NodeId other = graph.find(label);
    return other >= 0 && other < id;
  };
  while (taken(stem + std::to_string(number))) ++number;
  if (node.label != stem + std::to_string(number)) text += " as " + node.label;
  return text;
}

}  // namespace

std::string model_text(const Graph& graph) {
  const NodeId input = graph.find("input");
  if (input < 0) fail("the network has no input");
  std::string text = graph.node(input).type.shape.text() + " :";
  NodeId last = input;
  std::map<std::string, int> lowest;
  for (NodeId id = 0; id <= graph.result; ++id) {
    const Node& node = graph.node(id);
    if (node.op->name == "input" || node.op->name == "parameter") continue;
    if (node.inputs.empty() || node.inputs[0] != last)
      fail("the network is not a chain at '", node.label, "'");
    text += (last == input ? " " : " | ") + item_text(graph, id, lowest);
    last = id;
  }
  return text;
}

std::string mlp_text(const Shape& input, const std::vector<std::int64_t>& hidden,
                     std::string_view activation, std::int64_t outputs) {
  std::string text = std::to_string(input.size()) + " : ";
  for (const std::int64_t width : hidden) text += concat("dense ", width, " | ", activation, " | ");
  return text + concat("dense ", outputs);
}

}  // namespace rectify::graph
