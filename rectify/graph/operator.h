#pragma once

#include <functional>
#include <span>
#include <string>
#include <string_view>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// What an operator's gradient rule works with: the graph that grows, the node, and the gradient of
/// the losses in its value.
struct GradientContext {
  Graph& graph;
  NodeId node;
  NodeId upstream;  ///< gradient in the node's value; -1 for a loss, whose gradient is 1
  /// True when a parameter that learns lies behind that input; other gradients need no node.
  std::function<bool(std::size_t input)> wanted;
  /// Adds `gradient` to what has been found for that input.
  std::function<void(std::size_t input, NodeId gradient)> accumulate;
};

/// A name of its own for an operator with one attribute given: `geglu` is gate with row=gelu.
struct Shorthand {
  std::string_view name, attribute, value;
};

/// Everything about an operator that is not a kernel: one file of graph/ops/ an operator (with the
/// operators of its own gradient), as plain data. Rules that are null do not apply.
struct Operator {
  std::string_view name;
  std::string_view summary;  ///< one line for people
  /// One called `row` names a row of the activation family, whose own numbers are attributes too.
  std::span<const AttributeSpec> attributes = {};
  std::span<const Shorthand> shorthands = {};

  /// The type of the value. Throws Error with both sides' numbers when inputs do not fit.
  Type (*infer)(const Graph& graph, const Node& node) = nullptr;
  void (*differentiate)(const GradientContext& context) = nullptr;
  Cost (*cost)(const Graph& graph, const Node& node) = nullptr;

  /// Appends what a text item stands for, parameters included; attributes are complete and checked.
  NodeId (*build)(Graph& graph, NodeId input, const Attributes& attributes,
                  std::string label) = nullptr;

  /// Appends what computes the next values of the states that the node reads.
  void (*advance)(Graph& graph, NodeId node, NextStates& next) = nullptr;

  /// How many of the first inputs enter as factors of sums of products, and as nothing else.
  std::size_t factors = 0;
  /// y = x W + b for each output: the inputs are x, the weight W, whose last axis is the value's
  /// last, and perhaps the bias b, as the attribute `bias` (yes or no) says.
  bool layer = false;
  bool given = false;       ///< not computed: it comes from outside
  bool part = false;        ///< of an item of a model's text that has further nodes after it
  bool loss = false;        ///< a scalar that training minimises
  bool in_place = false;    ///< the value may take the place of the first input's
  bool random = false;      ///< draws random numbers in training
  bool activation = false;  ///< y = f(x) for every element x of the first input, f its `row`
  bool joins = false;       ///< of two or more of a network's values, and nothing else: `add %1 %2`
  std::string_view onnx = {};
};

/// All operators: those of every file in graph/ops/ (the build collects them).
std::span<const Operator* const> operators();

/// Null when there is none of that name.
const Operator* find_operator(std::string_view name);

/// How the operator with these attributes is called in a model's text: its name or a shorthand.
std::string_view item_name(const Operator& op, const Attributes& attributes);

/// Of all nodes together.
Cost total_cost(const Graph& graph);

/// "dense 'dense2'": how errors name a node.
std::string where(const Node& node);

/// Throws Error when an operator that joins values has fewer or more inputs than it takes.
void check_joined(const Node& node, std::size_t least, std::size_t most);

/// How many inputs a unit behind this weight has, and how many units an input goes to.
struct Fan {
  std::int64_t in, out;
};
/// Of a parameter whose last two axes are inputs and units; a convolution's have the taps of its
/// window before them, and an attribute `groups`. An attribute `fan` says both: where nothing is
/// summed, as in an embedding, it is the number of units, so that a row's norm is about 1.
Fan fan_of(const Node& weight);

/// How many ids the network takes for its input, as an embedding does; 0 where it takes numbers.
std::int64_t ids_of(const Graph& graph);

/// Small helpers of the rules.
std::int64_t last_extent(const Graph& graph, NodeId id);
/// The type with another last extent; a scalar's becomes its only one.
Type with_last_extent(const Type& type, std::int64_t last);

}  // namespace rectify::graph
