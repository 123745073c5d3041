#pragma once

#include <span>

#include "rectify/graph/operator.h"

namespace rectify::graph {

/// The attributes that the normalising operators share: `epsilon` is added to the variance;
/// `affine` says whether learned numbers scale and shift the result.
const AttributeSpec& epsilon_attribute();
const AttributeSpec& affine_attribute();

/// Appends a parameter as long as the last axis of `input`; all its numbers start from `start`.
NodeId add_channel_parameter(Graph& graph, NodeId input, double start, std::string label);

/// The type of `rows` numbers for each channel of input number `input`, for the whole batch.
Type channel_numbers(const Graph& graph, const Node& node, std::size_t input, std::int64_t rows);

/// Throws Error when that input does not have this type.
void expect_type(const Graph& graph, const Node& node, std::size_t input, const Type& type);

/// Whether a batch norm gets one number a channel of a sample, so that a batch of one sample has no
/// variance.
bool needs_two_samples(const Graph& graph);

Cost norm_cost(const Graph& graph, const Node& node);

}  // namespace rectify::graph
