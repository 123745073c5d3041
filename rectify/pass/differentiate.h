#pragma once

#include <map>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// For each parameter that the losses depend on, the node that computes its gradient.
using ParameterGradients = std::map<graph::NodeId, graph::NodeId>;

/// Appends the nodes that compute the gradient of the sum of `losses` (scalars) in every parameter,
/// by reverse-mode differentiation: each operator's rule is applied once. If a value has several
/// users, its gradients are summed in `add` nodes. Throws Error when an operator on the way has no
/// rule.
ParameterGradients differentiate(graph::Graph& graph, const std::vector<graph::NodeId>& losses);

/// The first node between a parameter and the result that has no gradient; null if there is none,
/// so that the network can be trained.
const graph::Node* without_gradient(const graph::Graph& graph);

}  // namespace rectify::pass
