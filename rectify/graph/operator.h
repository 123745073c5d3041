#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// What the gradient rule of an operator gets: the graph that grows, the node, and the gradient of
/// the losses in the node's value.
struct GradientContext {
  Graph& graph;
  NodeId node;
  NodeId upstream;  ///< the gradient in the node's value; -1 for a loss: its gradient is 1
  /// Whether that input depends on a parameter that learns. Other inputs need no gradient.
  std::function<bool(std::size_t input)> wanted;
  /// Adds `gradient` to the gradients already found for that input.
  std::function<void(std::size_t input, NodeId gradient)> accumulate;
};

/// A name for an operator with one attribute set: `geglu` means gate with row=gelu.
struct Shorthand {
  std::string_view name, attribute, value;
};

/// All facts and rules of an operator except its kernels, as plain data. Each file of graph/ops/
/// has one operator and the operators of its gradient. Rules that do not apply are null.
struct Operator {
  std::string_view name;
  std::string_view summary;  ///< one line, for people
  /// An attribute called `row` names a row of the activation family; the row's numbers are then
  /// attributes too.
  std::span<const AttributeSpec> attributes = {};
  std::span<const Shorthand> shorthands = {};

  /// Returns the type of the value. Throws Error with the sizes of both sides when inputs do not
  /// fit.
  Type (*infer)(const Graph& graph, const Node& node) = nullptr;
  void (*differentiate)(const GradientContext& context) = nullptr;
  Cost (*cost)(const Graph& graph, const Node& node) = nullptr;

  /// Appends the nodes of a text item, parameters included. `attributes` are complete and checked.
  NodeId (*build)(Graph& graph, NodeId input, const Attributes& attributes,
                  std::string label) = nullptr;

  /// Appends the nodes that compute the next values of the states that the node reads.
  void (*advance)(Graph& graph, NodeId node, NextStates& next) = nullptr;

  /// The first `factors` inputs are only used as factors in sums of products.
  std::size_t factors = 0;
  /// Whether the operator is y = x W + b for each output. The inputs are x, the weight W and, where
  /// the attribute `bias` is yes, the bias b. The last axis of W is the last axis of the value.
  bool layer = false;
  bool given = false;       ///< the value comes from outside; nothing computes it
  bool part = false;        ///< the text item that it belongs to has further nodes after it
  bool loss = false;        ///< a scalar that training minimises
  bool in_place = false;    ///< the value may overwrite the first input's memory
  bool random = false;      ///< draws random numbers in training
  bool activation = false;  ///< y = f(x) for every element x of the first input, f its `row`
  /// y is x or exactly 0 for every element x of the first input: a unit is on where its value is
  /// not 0, and its derivative is 1 there.
  bool selects = false;
  bool joins = false;  ///< all inputs are values of the network, two or more: `add %1 %2`
  std::string_view onnx = {};
};

/// All operators of all files in graph/ops/ (the build collects them).
std::span<const Operator* const> operators();

/// The operator with this name; null when there is none.
const Operator* find_operator(std::string_view name);

/// The name of the operator with these attributes in a model's text: its own name or a shorthand.
std::string_view item_name(const Operator& op, const Attributes& attributes);

/// The cost of all nodes together.
Cost total_cost(const Graph& graph);

/// How errors name a node: "dense 'dense2'".
std::string where(const Node& node);

/// Throws Error when a joining operator has fewer than `least` or more than `most` inputs.
void check_joined(const Node& node, std::size_t least, std::size_t most);

/// The number of inputs of a unit behind this weight, and the number of units that an input goes
/// to.
struct Fan {
  std::int64_t in, out;
};
/// The fan of a parameter whose last two axes are inputs and units. A convolution's weight has the
/// taps of its window before them, and an attribute `groups`. An attribute `fan` gives both
/// numbers. It is used where nothing is summed, as in an embedding: there it is the number of
/// units, so that the norm of a weight row is about 1.
Fan fan_of(const Node& weight);

/// How many different ids the network's input may hold, as for an embedding; 0 where the input
/// holds numbers.
std::int64_t ids_of(const Graph& graph);

/// Small functions for the rules.
std::int64_t last_extent(const Graph& graph, NodeId id);
/// The same for the value of an input.
std::int64_t last_extent(const Graph& graph, const Node& node, std::size_t input);
/// The type with another last extent. A scalar gets it as its only extent.
Type with_last_extent(const Type& type, std::int64_t last);

}  // namespace rectify::graph
