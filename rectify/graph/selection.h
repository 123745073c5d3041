#pragma once

#include <cstdint>
#include <string_view>

#include "rectify/graph/graph.h"

namespace rectify::graph {

/// How many elements of a row a node of `top_k` keeps at most: its attribute `keep`, or, where that
/// is below 1, that share of the row's width, rounded to the nearest number and at least 1.
///
///     `top_k 25` of rows of 1000: 25;  `top_k 0.1`: 100;  `top_k 0.0001`: 1
std::int64_t kept_in_row(const Graph& graph, const Node& node);

/// The network of one item of a model's text, an activation or a selection such as `top_k 25`, on
/// rows that are wide enough for every `keep`. Throws Error for what is neither.
Graph parse_activation(std::string_view item);

}  // namespace rectify::graph
