#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/graph/attributes.h"
#include "rectify/tensor/type.h"

namespace rectify::graph {

struct Operator;

/// A node's position in its graph. Each node computes one value, so a NodeId also stands for the
/// value.
using NodeId = std::int32_t;

struct Node {
  const Operator* op = nullptr;
  std::vector<NodeId> inputs;
  Attributes attributes;
  std::string label;         ///< unique in its graph, for people: "dense1", "relu1"
  Type type;                 ///< the value's type, from the operator's shape rule
  std::uint32_t stream = 0;  ///< stream number of its random numbers; every pass keeps it
};

/// A network as plain data: a list of nodes, in which each node stands after its inputs.
///
///     const Graph graph = parse_model("784 : dense 100 | relu | dense 10");
///     for (const Node& node : graph.nodes())
///       std::cout << node.label << ' ' << node.type.shape.text() << '\n';  // relu1 100
///     graph.node(graph.result).label;                                      // "dense2"
class Graph {
 public:
  /// Appends a node: fills in attributes that were left out, checks the others, runs the shape
  /// rule. An empty label becomes the name of the operator (or `stem`) with a number. Throws Error
  /// for inputs that are no nodes of this graph, or too few; for attributes of another kind, words
  /// that are no choice, and activations whose numbers are out of range; and, of an operator that a
  /// model's text can name, for attributes that it does not have. The ranges of other attributes
  /// are those of a text; an ONNX file may hold other numbers.
  NodeId add(std::string_view op, std::vector<NodeId> inputs, Attributes attributes = {},
             std::string label = {});

  /// Throws Error for what is no node of this graph, such as the -1 of find().
  const Node& node(NodeId id) const {
    if (static_cast<std::size_t>(id) >= nodes_.size()) [[unlikely]]
      refuse(id);
    return nodes_[static_cast<std::size_t>(id)];
  }
  /// Input `i` of a node. Throws Error when it has too few.
  const Node& input(const Node& node, std::size_t i) const;
  const std::vector<Node>& nodes() const { return nodes_; }
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }

  /// The node with this label, or -1.
  NodeId find(std::string_view label) const;
  /// Nodes that read the value of `id`, ascending.
  std::vector<NodeId> users(NodeId id) const;
  /// Nodes whose operator has this name, ascending.
  std::vector<NodeId> all(std::string_view op) const;

  /// A label that no node has yet: "relu1", "relu2", ...
  std::string fresh_label(std::string_view stem);

  /// Appends a copy of another graph's node, with the same label and the same random numbers. Its
  /// inputs must already be node ids of this graph.
  NodeId add_copy(Node node) { return append(std::move(node)); }
  /// The same, with `element` as the element type of the value, whatever the inputs' types are.
  NodeId add_copy(Node node, Element element) {
    const NodeId id = append(std::move(node));
    nodes_.back().type.element = element;
    return id;
  }

  /// Adds a graph input of this type.
  NodeId add_input(Type type, std::string label);
  /// Adds a parameter. `attributes` says how it is initialised (see ops/input.cpp and
  /// initialisers.h).
  NodeId add_parameter(Shape shape, Attributes attributes, std::string label);

  /// Adds a state: numbers that start from `start`, that training updates after each step as the
  /// operators say, and that have no gradient.
  NodeId add_state(Shape shape, double start, std::string label);

  /// Gives node `id` the same random numbers as node `origin`: a gradient draws its node's mask
  /// again.
  void share_stream(NodeId id, NodeId origin);

  NodeId result = -1;  ///< the network's answer: logits, or predicted numbers

 private:
  [[noreturn]] void refuse(NodeId id) const;
  NodeId append(Node node);
  std::vector<Node> nodes_;
  std::map<std::string, NodeId, std::less<>> by_label_;
  std::map<std::string, int, std::less<>> lowest_free_;  ///< per stem; labels are never free again
};

/// For each state, the node that computes its value after the step.
using NextStates = std::map<NodeId, NodeId>;

/// Floating-point operations and parameters; for one sample where that matters.
struct Cost {
  double forward_flops = 0;
  double gradient_flops = 0;
  std::int64_t parameters = 0;
};

}  // namespace rectify::graph
