#pragma once

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// A value of a graph as an interval for each element: nodes of its centre and its radius, both of
/// its type.
struct IntervalNodes {
  graph::NodeId centre, radius;
};

/// Appends what the value `to` can be while `from` lies in `box`, by interval bound propagation
/// (Gowal et al. 2018). Layers, W c + b and |W| r, take a centre and a radius as they are;
/// activations that never fall take both ends. It is a graph like any other, so that training can
/// make the interval small by its gradients.
///
///     // 784 : dense 100 | relu | dense 10, with nodes `centre` and `radius` of 784 numbers
///     const IntervalNodes hidden = bound(graph, input, {centre, radius}, relu);
///
/// Throws Error, which names the node, for an operator between the two that has no rule here:
/// other than layers, activations, flatten, reshape, average pooling, add, and concat.
IntervalNodes bound(graph::Graph& graph, graph::NodeId from, IntervalNodes box, graph::NodeId to);

}  // namespace rectify::pass
