#pragma once

#include <functional>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

using NodeTest = std::function<bool(const graph::Node&)>;
using PairTest = std::function<bool(const graph::Node& host, const graph::Node&)>;

/// Finds element-wise nodes that can be fused with the node before them: computed along with it,
/// part by part while a part is in cache. Returns for each node its host, or -1: a node for which
/// `hosts` holds, from which a chain of nodes leads here, each the first reader of the one before,
/// all passing `fuses`, and with all their other inputs known before the host. `ends(host, node)`
/// says which nodes may be the end of such a chain, where their value is not element-wise.
///
///     dense1 -> relu1 -> add1     add1's other input comes before dense1: both have the host
///     dense1
std::vector<graph::NodeId> fuse(const graph::Graph& graph, const NodeTest& hosts,
                                const NodeTest& fuses, const PairTest& ends = {});

}  // namespace rectify::pass
