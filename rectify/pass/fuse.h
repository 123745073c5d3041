#pragma once

#include <functional>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

using NodeTest = std::function<bool(const graph::Node&)>;
using PairTest = std::function<bool(const graph::Node& host, const graph::Node&)>;

/// Finds element-wise nodes that can be fused with an earlier node, their host. The host computes a
/// part of its value, and the fused nodes are applied while that part is in cache.
///
///     dense1 -> relu1 -> add1    // add1's other input comes before dense1: both have the host
///                                // dense1
///
/// Returns the host of each node, or -1. A host passes `hosts`. From the host a chain leads to the
/// fused node. Each node of the chain is the first reader of the one before, passes `fuses`, and
/// has all its other inputs known before the host. `ends(host, node)` says which nodes may end a
/// chain although their value is not element-wise.
std::vector<graph::NodeId> fuse(const graph::Graph& graph, const NodeTest& hosts,
                                const NodeTest& fuses, const PairTest& ends = {});

}  // namespace rectify::pass
