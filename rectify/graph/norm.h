#pragma once

#include <span>

#include "rectify/graph/operator.h"

namespace rectify::graph {

/// What the operators that normalise share. Their items' attributes: `epsilon`, added to the
/// variance, and `affine`, whether learned numbers scale and shift what is normalised.
const AttributeSpec& epsilon_attribute();
const AttributeSpec& affine_attribute();

/// Appends a parameter of the size of the last axis of `input` that starts from `start` everywhere.
NodeId add_channel_parameter(Graph& graph, NodeId input, double start, std::string label);

/// The type of as many numbers a channel of the `input`-th input as `rows` says, for the whole
/// batch.
Type channel_numbers(const Graph& graph, const Node& node, std::size_t input, std::int64_t rows);

/// Throws Error when an input does not have that type.
void expect_type(const Graph& graph, const Node& node, std::size_t input, const Type& type);

Cost norm_cost(const Graph& graph, const Node& node);

}  // namespace rectify::graph
