#pragma once

#include "rectify/activation/activation.h"
#include "rectify/graph/graph.h"

namespace rectify::graph {

/// Whether the node computes y = f(x) for every element x of its first input, where f is a row of
/// the family. The operators `activate`, `activate_learned` and `activate_random` do.
bool is_activation(const Node& node);

/// Whether the node keeps some elements of its input and makes the others exactly 0, as `top_k`.
bool is_selection(const Node& node);

/// Whether the network consists of one activation, or one selection, of its input, and nothing
/// else.
bool is_one_activation(const Graph& graph);

/// All activations of the network, ascending.
std::vector<NodeId> activations(const Graph& graph);

/// All nodes whose values are outputs of hidden units: activations and selections, ascending.
std::vector<NodeId> hidden_outputs(const Graph& graph);

/// The label of the weight that feeds a node; empty where no weight does, as for the activation of
/// `2 : relu | dense 2`. A weight is a parameter with two or more axes. The nearest weight
/// upstream, counted in nodes, feeds the node. If two are equally near, the one that stands first
/// in the network feeds it: in `residual(A ; B)` the one of A.
///
///     const Graph graph = parse_model("2 : dense 3 | relu | relu | dense 2");
///     feeding_weight(graph, graph.find("relu2"));  // "dense1.weight"
std::string feeding_weight(const Graph& graph, NodeId id);

/// The row of the family that the node's attribute `row` names, and the numbers that shape it. For
/// a selection it is relu, whose derivative at an output is that of the selection.
const activation::Row& activation_row(const Node& node);
activation::Parameters activation_parameters(const Node& node);

/// The row's own numbers, as attribute specs of a node.
std::vector<AttributeSpec> activation_attributes(const activation::Row& row);

/// The attribute specs of the row as an item of a model's text: its numbers, and `learn` (yes or
/// no) where a number may be learned.
std::vector<AttributeSpec> activation_item_attributes(const activation::Row& row);

/// Whether an activation with these attributes has a number that training changes. It is
/// false for a row whose number cannot be learned. For other rows the attribute `learn` (yes or no)
/// decides; without it, a Varying::learned number is learned and a Varying::learnable one is not.
bool is_learned(const activation::Row& row, const Attributes& attributes);

/// Appends the activation that `attributes` describe: `row`, numbers, `learn`. A learned number
/// becomes a parameter with one value for each channel (the last axis), called label.NAME
/// ("prelu1.a").
NodeId add_activation(Graph& graph, NodeId input, const Attributes& attributes, std::string label);

/// The parameter that a node of `activate_learned` reads.
inline NodeId learned_number(const Node& node) { return node.inputs[1]; }

/// Rules that the three operators share: the shape rule, which throws for an unknown row, and the
/// cost.
Type activation_type(const Graph& graph, const Node& node);
Cost activation_cost(const Graph& graph, const Node& node);
std::span<const AttributeSpec> row_attribute();

}  // namespace rectify::graph
