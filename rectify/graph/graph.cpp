#include "rectify/graph/graph.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {

const Operator* find_operator(std::string_view name) {
  for (const Operator* op : operators())
    if (op->name == name) return op;
  return nullptr;
}

std::string_view item_name(const Operator& op, const Attributes& attributes) {
  for (const Shorthand& s : op.shorthands)
    if (attributes.has(s.attribute) && attributes.word(s.attribute) == s.value) return s.name;
  return op.name;
}

Cost total_cost(const Graph& graph) {
  Cost total;
  for (const Node& node : graph.nodes()) {
    if (!node.op->cost) continue;
    const Cost cost = node.op->cost(graph, node);
    total.forward_flops += cost.forward_flops;
    total.gradient_flops += cost.gradient_flops;
    total.parameters += cost.parameters;
  }
  return total;
}

std::string where(const Node& node) { return concat(node.op->name, " '", node.label, "'"); }

void check_joined(const Node& node, std::size_t least, std::size_t most) {
  const std::size_t given = node.inputs.size();
  if (given < least || given > most)
    fail(where(node), " joins ", least, least == most ? "" : " or more", " values, not ", given);
}

void Graph::refuse(NodeId id) const {
  if (nodes_.empty()) fail("there is no node ", id, "; the graph is empty");
  fail("there is no node ", id, "; the graph has nodes 0 to ", size() - 1,
       id == -1 ? ", and -1 is what Graph::find() says to a label that none has" : "");
}

const Node& Graph::input(const Node& node, std::size_t i) const {
  if (i >= node.inputs.size())
    fail(where(node), " wants more inputs than the ", node.inputs.size(), " that it has");
  return this->node(node.inputs[i]);
}

namespace {

/// Whether a model's text can name the operator.
bool has_text(const Operator& op) { return op.build || op.joins || op.activation; }

const AttributeSpec* find_spec(std::span<const AttributeSpec> specs, std::string_view name) {
  const auto found = std::ranges::find(specs, name, &AttributeSpec::name);
  return found == specs.end() ? nullptr : &*found;
}

/// Throws Error for an attribute that the node's operator cannot have, or with a value that it
/// cannot have there.
void check_attributes(const Node& node) {
  const std::span<const AttributeSpec> own = node.op->attributes;
  const std::string at = where(node);
  std::vector<std::string> names;
  for (const AttributeSpec& spec : own) names.emplace_back(spec.name);
  for (const auto& [name, value] : node.attributes.all())
    if (const AttributeSpec* spec = find_spec(own, name)) check_kind(*spec, value, at);
  std::vector<AttributeSpec> of_row;  // the numbers of the activation, which are attributes too
  if (find_spec(own, "row"))
    of_row = activation_item_attributes(activation::find(node.attributes.word("row")));
  for (const AttributeSpec& spec : of_row) names.emplace_back(spec.name);
  for (const auto& [name, value] : node.attributes.all()) {
    if (find_spec(own, name)) continue;
    if (const AttributeSpec* spec = find_spec(of_row, name)) {
      check_kind(*spec, value, at);
      check_range(*spec, value, at);
    } else if (has_text(*node.op)) {
      fail(at, " has no '", name, "'", names.empty() ? "" : suggestion(name, names));
    }
  }
}

}  // namespace

NodeId Graph::append(Node node) {
  if (find(node.label) >= 0) fail("two nodes are called '", node.label, "'");
  for (const NodeId input : node.inputs)
    if (input < 0 || input >= size())
      fail(where(node), ": its input ", input, " is no node of this graph, which has ", size());
  node.type = node.op->infer(*this, node);
  by_label_.emplace(node.label, size());
  nodes_.push_back(std::move(node));
  return size() - 1;
}

NodeId Graph::add(std::string_view name, std::vector<NodeId> inputs, Attributes attributes,
                  std::string label) {
  const Operator* op = find_operator(name);
  if (!op) fail("there is no operator '", name, "'");
  Node node{.op = op, .inputs = std::move(inputs), .label = std::move(label)};
  if (node.label.empty()) node.label = fresh_label(name);
  for (const AttributeSpec& spec : op->attributes)
    if (!attributes.has(spec.name)) attributes.set(spec.name, spec.initial);
  node.attributes = std::move(attributes);
  check_attributes(node);
  if (op->random) node.stream = static_cast<std::uint32_t>(size());
  return append(std::move(node));
}

NodeId Graph::add_input(Type type, std::string label) {
  Node node{.op = find_operator("input"), .label = std::move(label), .type = std::move(type)};
  return append(std::move(node));
}

NodeId Graph::add_parameter(Shape shape, Attributes attributes, std::string label) {
  Node node{.op = find_operator("parameter"),
            .attributes = std::move(attributes),
            .label = std::move(label),
            .type = {.shape = std::move(shape), .per_sample = false}};
  return append(std::move(node));
}

NodeId Graph::add_state(Shape shape, double start, std::string label) {
  Node node{.op = find_operator("state"),
            .label = std::move(label),
            .type = {.shape = std::move(shape), .per_sample = false}};
  node.attributes.set("start", start);
  return append(std::move(node));
}

void Graph::share_stream(NodeId id, NodeId origin) {
  nodes_[static_cast<std::size_t>(id)].stream = node(origin).stream;
}

NodeId Graph::find(std::string_view label) const {
  const auto found = by_label_.find(label);
  return found == by_label_.end() ? -1 : found->second;
}

std::vector<NodeId> Graph::users(NodeId id) const {
  std::vector<NodeId> found;
  for (NodeId user = id + 1; user < size(); ++user)
    if (std::ranges::count(node(user).inputs, id) > 0) found.push_back(user);
  return found;
}

std::vector<NodeId> Graph::all(std::string_view op) const {
  std::vector<NodeId> found;
  for (NodeId id = 0; id < size(); ++id)
    if (node(id).op->name == op) found.push_back(id);
  return found;
}

std::string Graph::fresh_label(std::string_view stem) {
  for (int& number = lowest_free_.try_emplace(std::string(stem), 1).first->second;; ++number) {
    std::string label = std::string(stem) + std::to_string(number);
    if (find(label) < 0) return label;
  }
}

Fan fan_of(const Node& weight) {
  if (weight.attributes.has("fan"))
    return {weight.attributes.integer("fan"), weight.attributes.integer("fan")};
  const Shape& shape = weight.type.shape;
  const std::int64_t groups =
      weight.attributes.has("groups") ? weight.attributes.integer("groups") : 1;
  const std::int64_t inputs = shape[shape.rank() - 2];
  return {.in = shape.size() / shape.back(), .out = shape.size() / inputs / groups};
}

std::int64_t ids_of(const Graph& graph) {
  for (const Node& node : graph.nodes())
    if (node.op->name == "embedding") return node.attributes.integer("ids");
  return 0;
}

std::int64_t last_extent(const Graph& graph, NodeId id) {
  const Shape& shape = graph.node(id).type.shape;
  return shape.rank() == 0 ? 1 : shape.back();
}

std::int64_t last_extent(const Graph& graph, const Node& node, std::size_t input) {
  const Shape& shape = graph.input(node, input).type.shape;
  return shape.rank() == 0 ? 1 : shape.back();
}

Type with_last_extent(const Type& type, std::int64_t last) {
  std::vector<std::int64_t> extents = type.shape.extents();
  if (extents.empty()) extents.push_back(0);
  extents.back() = last;
  Type changed = type;
  changed.shape = Shape(std::move(extents));
  return changed;
}

}  // namespace rectify::graph
