#pragma once

#include "rectify/activation/activation.h"
#include "rectify/graph/graph.h"

namespace rectify::graph {

/// The row of an `activate` (or `activate_gradient`) node, and the numbers that shape it.
const activation::Row& activation_row(const Node& node);
activation::Parameters activation_parameters(const Node& node);

/// The specs of a row's own numbers, as attributes of an `activate` node.
std::vector<AttributeSpec> activation_attributes(const activation::Row& row);

}  // namespace rectify::graph
