#pragma once

#include <functional>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

using NodeTest = std::function<bool(const graph::Node&)>;
using PairTest = std::function<bool(const graph::Node& host, const graph::Node&)>;

/// Finds element-wise nodes that can be fused with an earlier node, their host: the host computes a
/// part of its value, and the fused nodes are applied while that part is in cache.
///
///     dense -> add -> relu    // host[add] = host[relu] = dense: one pass over memory
///
/// Returns the host of each node, or -1. A host passes `hosts`. From it a chain leads to the fused
/// node: each node of the chain is the first reader of the one before, passes `fusible`, and has
/// all its other inputs computed before the host. `ends(host, node)` says which nodes may end a
/// chain although they are not element-wise.
std::vector<graph::NodeId> fuse(const graph::Graph& graph, const NodeTest& hosts,
                                const NodeTest& fusible, const PairTest& ends = {});

}  // namespace rectify::pass
