#pragma once

#include "rectify/activation/activation.h"
#include "rectify/graph/graph.h"

namespace rectify::graph {

/// Whether the node is y = f(x) for every element x of its first input, f a row of the family:
/// `activate`, `activate_learned` or `activate_random`.
bool is_activation(const Node& node);

/// Whether the network is one activation of its input and nothing else.
bool is_one_activation(const Graph& graph);

/// All of them, ascending.
std::vector<NodeId> activations(const Graph& graph);

/// The label of the weight that feeds a node; empty where none does, as for the activation of
/// `2 : relu | dense 2`. A weight is a parameter of two axes or more; the nearest upstream, counted
/// in nodes, feeds the node. Of two that are as near it is the one that stands first in the
/// network, so in `residual(A ; B)` that of A.
///
///     const Graph graph = parse_model("2 : dense 3 | relu | relu | dense 2");
///     feeding_weight(graph, graph.find("relu2"));  // "dense1.weight"
std::string feeding_weight(const Graph& graph, NodeId id);

/// The row that a node's attribute `row` names, and the numbers that shape it.
const activation::Row& activation_row(const Node& node);
activation::Parameters activation_parameters(const Node& node);

/// The specs of a row's own numbers, as attributes of a node.
std::vector<AttributeSpec> activation_attributes(const activation::Row& row);

/// Those of the row as an item of a model's text: its numbers, and for a row whose number may be
/// learned `learn`, yes or no.
std::vector<AttributeSpec> activation_item_attributes(const activation::Row& row);

/// Whether an activation of these attributes has a number that training changes: the row's is
/// learned, or learnable, and `learn` is not, or is, `yes`.
bool is_learned(const activation::Row& row, const Attributes& attributes);

/// Appends the activation that `attributes` describe: `row`, numbers, `learn`. What is learned gets
/// a parameter, one number a channel (the last axis), called label.NAME ("prelu1.a").
NodeId add_activation(Graph& graph, NodeId input, const Attributes& attributes, std::string label);

/// The parameter that an `activate_learned` node reads.
inline NodeId learned_number(const Node& node) { return node.inputs[1]; }

/// Pieces of the three operators: the shape rule, which throws for a row that is not in the family,
/// and the cost.
Type activation_type(const Graph& graph, const Node& node);
Cost activation_cost(const Graph& graph, const Node& node);
std::span<const AttributeSpec> row_attribute();

}  // namespace rectify::graph
