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

/// A node's position in its graph; the node stands for the one value that it computes.
using NodeId = std::int32_t;

struct Node {
  const Operator* op = nullptr;
  std::vector<NodeId> inputs;
  Attributes attributes;
  std::string label;         ///< unique in its graph, for people: "dense1", "relu1"
  Type type;                 ///< of its value, from the operator's shape rule
  std::uint32_t stream = 0;  ///< of its random numbers; given once, kept through every pass
};

/// A network as plain data. Nodes stand in an order in which each comes after its inputs.
class Graph {
 public:
  /// Appends a node: fills attributes that were left out, checks those that were given, runs the
  /// shape rule. An empty label gets the operator's (or `stem`'s) name with a number. Throws Error.
  NodeId add(std::string_view op, std::vector<NodeId> inputs, Attributes attributes = {},
             std::string label = {});

  const Node& node(NodeId id) const { return nodes_[static_cast<std::size_t>(id)]; }
  const Node& input(const Node& node, std::size_t i) const { return this->node(node.inputs[i]); }
  const std::vector<Node>& nodes() const { return nodes_; }
  NodeId size() const { return static_cast<NodeId>(nodes_.size()); }

  /// The node of that label, or -1.
  NodeId find(std::string_view label) const;
  /// Nodes that read the value of `id`, ascending.
  std::vector<NodeId> users(NodeId id) const;
  /// Nodes whose operator has that name, ascending.
  std::vector<NodeId> all(std::string_view op) const;

  /// A label that is free: "relu1", "relu2", ...
  std::string fresh_label(std::string_view stem);

  /// Appends a node of another graph with the same label and random numbers; its inputs are of this
  /// one.
  NodeId add_copy(Node node) { return append(std::move(node)); }
  /// The same, whose numbers are kept as such elements, whatever those that it reads are.
  NodeId add_copy(Node node, Element element) {
    const NodeId id = append(std::move(node));
    nodes_.back().type.element = element;
    return id;
  }

  /// Adds a graph input of that type.
  NodeId add_input(Type type, std::string label);
  /// Adds a parameter; `attributes` says how it is initialised (see ops/input.cpp and
  /// initialisers.h).
  NodeId add_parameter(Shape shape, Attributes attributes, std::string label);

  /// Adds a state: numbers that steps of training carry on, as their operators say, and that no
  /// gradient changes. It starts from `start`.
  NodeId add_state(Shape shape, double start, std::string label);

  /// Gives `id` the random numbers of `origin`: a gradient that regenerates its node's mask.
  void share_stream(NodeId id, NodeId origin);

  NodeId result = -1;  ///< the network's answer: logits, or predicted numbers

 private:
  NodeId append(Node node);
  std::vector<Node> nodes_;
  std::map<std::string, NodeId, std::less<>> by_label_;
  std::map<std::string, int, std::less<>> lowest_free_;  ///< per stem; labels are never given back
};

/// For each state, the node that computes what it becomes after a step.
using NextStates = std::map<NodeId, NodeId>;

/// Floating-point operations and parameters, for one sample where that matters.
struct Cost {
  double forward_flops = 0;
  double gradient_flops = 0;
  std::int64_t parameters = 0;
};

}  // namespace rectify::graph
