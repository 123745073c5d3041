#pragma once

#include <functional>
#include <set>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// A graph that computes the same as an original graph, and for each node of the original its node
/// in this one.
struct Rewritten {
  graph::Graph graph;
  std::vector<graph::NodeId> at;  ///< indexed by nodes of the original graph
};

/// When a node may have bfloat16 instead of floats, in the per-sample values that it reads and in
/// its own value.
enum class Narrow {
  never,
  result,  ///< always in its own value; its inputs are factors of products
  first,   ///< when its first input has bfloat16
  second,  ///< when its second input has; the first is then rounded if needed
  all,     ///< when all its inputs have
};

using NarrowTest = std::function<Narrow(const graph::Graph& graph, const graph::Node& node)>;

/// Rounds the factors of all products to bfloat16. Each value is rounded once, however many
/// products read it. The result of a product stays bfloat16 if all its readers may have bfloat16;
/// so do the results of these readers, and so on. All other values stay float, and so do those in
/// `kept`.
Rewritten with_bfloat16_products(const graph::Graph& graph, const NarrowTest& narrow = {},
                                 const std::set<graph::NodeId>& kept = {});

}  // namespace rectify::pass
