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

/// Appends the gradient of the sum of `losses` in one value, such as the graph's input, with all
/// parameters taken for constants; returns its node. Throws Error as differentiate() does, and when
/// no loss depends on the value.
///
///     graph::Graph graph = graph::parse_model("2 : dense 8 | relu | dense 2");
///     const graph::NodeId loss = model::add_loss(graph, "softmax_cross_entropy", true);
///     const graph::NodeId slope = gradient_in(graph, {loss}, graph.find("input"));
graph::NodeId gradient_in(graph::Graph& graph, const std::vector<graph::NodeId>& losses,
                          graph::NodeId value);

/// The first node between a parameter and the result that has no gradient; null if there is none,
/// so that the network can be trained.
const graph::Node* without_gradient(const graph::Graph& graph);

}  // namespace rectify::pass
