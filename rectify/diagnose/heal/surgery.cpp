#include "rectify/diagnose/heal/surgery.h"

#include <algorithm>

#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::diagnose {

using graph::Graph;
using graph::Node;
using graph::NodeId;

namespace {

/// Which indices of one axis of a parameter stay.
struct Cut {
  std::size_t axis;
  std::vector<std::size_t> kept;
};

/// Cuts of a parameter, one an axis at most.
using Cuts = std::map<NodeId, std::vector<Cut>>;

/// A row for each position of a channel: channel i stays where i modulo `units` does.
std::vector<std::size_t> at_all_positions(const std::vector<std::size_t>& kept, std::size_t units,
                                          std::size_t extent) {
  std::vector<std::size_t> all;
  for (std::size_t first = 0; first < extent; first += units)
    for (const std::size_t unit : kept) all.push_back(first + unit);
  return all;
}

Cuts cuts_for(const Graph& graph, const KeptUnits& kept) {
  Cuts cuts;
  for (const Links& links : links_of(graph)) {
    const auto found = kept.find(links.activation);
    if (found == kept.end()) continue;
    for (const NodeId id : links.incoming)
      cuts[id].push_back({graph.node(id).type.shape.rank() - 1, found->second});
    for (const NodeId id : links.readers) {
      const Shape& shape = graph.node(id).type.shape;
      const std::size_t axis = shape.rank() - 2;
      cuts[id].push_back({axis, at_all_positions(found->second, links.units,
                                                 static_cast<std::size_t>(shape[axis]))});
    }
  }
  return cuts;
}

Shape shape_after(const Shape& shape, const Cut& cut) {
  std::vector<std::int64_t> extents = shape.extents();
  extents[cut.axis] = static_cast<std::int64_t>(cut.kept.size());
  return Shape(std::move(extents));
}

std::vector<float> numbers_after(const std::vector<float>& numbers, const Shape& shape,
                                 const Cut& cut) {
  std::size_t inner = 1;
  for (std::size_t axis = cut.axis + 1; axis < shape.rank(); ++axis)
    inner *= static_cast<std::size_t>(shape[axis]);
  const std::size_t block = inner * static_cast<std::size_t>(shape[cut.axis]);
  std::vector<float> now;
  for (std::size_t first = 0; first < numbers.size(); first += block)
    for (const std::size_t index : cut.kept) {
      const auto at = numbers.begin() + static_cast<std::ptrdiff_t>(first + index * inner);
      now.insert(now.end(), at, at + static_cast<std::ptrdiff_t>(inner));
    }
  return now;
}

/// Copies a graph node by node; `add` appends what stands for a node and returns its id.
template <class Add>
Graph rebuilt(const Graph& graph, std::vector<NodeId>& at, Add&& add) {
  Graph now;
  at.assign(static_cast<std::size_t>(graph.size()), -1);
  for (NodeId id = 0; id < graph.size(); ++id) {
    Node node = graph.node(id);
    for (NodeId& input : node.inputs) input = at[static_cast<std::size_t>(input)];
    at[static_cast<std::size_t>(id)] = add(now, id, std::move(node));
  }
  now.result = at[static_cast<std::size_t>(graph.result)];
  return now;
}

/// A label that neither graph has: "prelu1", "prelu2", ...
std::string free_label(const Graph& before, const Graph& now, const std::string& stem) {
  for (int number = 1;; ++number) {
    std::string label = stem + std::to_string(number);
    if (before.find(label) < 0 && now.find(label) < 0) return label;
  }
}

/// Whether `id` is a number that an activation among `places` learns.
bool is_number_of(const Graph& graph, NodeId id, std::span<const NodeId> places) {
  const auto learns = [&](NodeId place) {
    const Node& node = graph.node(place);
    return node.op->name == "activate_learned" && graph::learned_number(node) == id;
  };
  return std::ranges::any_of(places, learns);
}

/// Appends the gate `node` with another activation.
NodeId add_gate(const Graph& before, Graph& now, const Node& node, graph::Attributes attributes) {
  attributes.set("gate", node.attributes.word("gate"));
  std::string stem(graph::item_name(*node.op, attributes));
  return now.add(node.op->name, node.inputs, attributes, free_label(before, now, stem));
}

/// Copies the numbers of `from` to the nodes `at` of another model, whose parameters `cuts` made.
void copy_numbers(const model::Model& from, const std::vector<NodeId>& at, const Cuts& cuts,
                  model::Model& to) {
  for (const run::ParameterSlot& slot : from.layout.slots()) {
    if (at[static_cast<std::size_t>(slot.node)] < 0) continue;
    const std::span<const float> all = numbers_of(from, slot.node);
    std::vector<float> numbers(all.begin(), all.end());
    Shape shape = slot.shape;
    if (const auto found = cuts.find(slot.node); found != cuts.end())
      for (const Cut& cut : found->second) {
        numbers = numbers_after(numbers, shape, cut);
        shape = shape_after(shape, cut);
      }
    std::ranges::copy(numbers, numbers_of(to, at[static_cast<std::size_t>(slot.node)]).begin());
  }
}

}  // namespace

std::span<float> numbers_of(model::Model& model, NodeId id) {
  const run::ParameterSlot& slot = model.layout.slot_of(id);
  return model.parameters.span().subspan(slot.offset, slot.size);
}

std::span<const float> numbers_of(const model::Model& model, NodeId id) {
  const run::ParameterSlot& slot = model.layout.slot_of(id);
  return model.parameters.span().subspan(slot.offset, slot.size);
}

model::Model copy_of(const model::Model& model) {
  model::Model copy{Graph(model.graph)};
  std::ranges::copy(model.parameters.span(), copy.parameters.data());
  model::copy_purpose(model, copy);
  return copy;
}

ReaderRows reader_rows(model::Model& model, NodeId weight) {
  const Shape& shape = model.graph.node(weight).type.shape;
  return {numbers_of(model, weight), static_cast<std::size_t>(shape[shape.rank() - 2]),
          static_cast<std::size_t>(shape.back())};
}

model::Model with_units(const model::Model& model, const KeptUnits& kept) {
  const Cuts cuts = cuts_for(model.graph, kept);
  std::map<NodeId, std::int64_t> widths;  // of layers
  for (const Links& links : links_of(model.graph))
    if (const auto found = kept.find(links.activation); found != kept.end())
      widths[links.layer] = static_cast<std::int64_t>(found->second.size());
  std::vector<NodeId> at;
  Graph graph = rebuilt(model.graph, at, [&](Graph& now, NodeId id, Node node) {
    if (const auto cut = cuts.find(id); cut != cuts.end())
      for (const Cut& one : cut->second) node.type.shape = shape_after(node.type.shape, one);
    if (const auto width = widths.find(id); width != widths.end())
      node.attributes.set("units", width->second);
    return now.add_copy(std::move(node));
  });
  model::Model result(std::move(graph));
  copy_numbers(model, at, cuts, result);
  model::copy_purpose(model, result);
  return result;
}

model::Model with_activation(const model::Model& model, std::span<const NodeId> places,
                             const graph::Attributes& attributes) {
  const auto replaced = [&](NodeId id) { return std::ranges::count(places, id) > 0; };
  std::vector<NodeId> at;
  Graph graph = rebuilt(model.graph, at, [&](Graph& now, NodeId id, Node node) {
    if (is_number_of(model.graph, id, places)) return NodeId{-1};
    if (!replaced(id)) return now.add_copy(std::move(node));
    if (!graph::is_activation(node)) return add_gate(model.graph, now, node, attributes);
    return graph::add_activation(now, node.inputs[0], attributes,
                                 free_label(model.graph, now, attributes.word("row")));
  });
  model::Model result(std::move(graph));
  copy_numbers(model, at, {}, result);
  model::copy_purpose(model, result);
  return result;
}

model::Model with_prelu(const model::Model& model, std::span<const NodeId> activations) {
  graph::Attributes attributes;
  attributes.set("row", std::string("prelu"));
  attributes.set("a", 0.0);
  return with_activation(model, activations, attributes);
}

}  // namespace rectify::diagnose
