#pragma once

#include <map>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// For each parameter that the losses depend on, the node that holds its gradient.
using ParameterGradients = std::map<graph::NodeId, graph::NodeId>;

/// Appends to `graph` the nodes that compute the gradient of the sum of `losses` (scalars) in every
/// parameter: reverse-mode differentiation, each operator's rule applied once. Gradients of a value
/// with several users meet in `add` nodes. Throws Error when an operator on the way has no rule.
ParameterGradients differentiate(graph::Graph& graph, const std::vector<graph::NodeId>& losses);

}  // namespace rectify::pass
