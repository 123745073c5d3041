#pragma once

#include <span>

#include "rectify/graph/window.h"

namespace rectify::graph {

/// What max_pool and avg_pool share: their value has one number for each place of the window and
/// each channel.
std::span<const AttributeSpec> pool_attributes();
Type pool_type(const Graph& graph, const Node& node);
Cost pool_cost(const Graph& graph, const Node& node);

}  // namespace rectify::graph
