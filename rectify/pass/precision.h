#pragma once

#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// A graph that computes the same as another, and which of its nodes stands for which of that one.
struct Rewritten {
  graph::Graph graph;
  std::vector<graph::NodeId> at;  ///< by the other graph's node
};

/// Rounds the factors of all products to bfloat16, each value once, however many products read it;
/// sums, and everything else, stay in float.
Rewritten with_bfloat16_products(const graph::Graph& graph);

}  // namespace rectify::pass
