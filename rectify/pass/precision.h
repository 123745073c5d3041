#pragma once

#include <functional>
#include <set>
#include <vector>

#include "rectify/graph/graph.h"

namespace rectify::pass {

/// A graph that computes the same as another, and which of its nodes stands for which of that one.
struct Rewritten {
  graph::Graph graph;
  std::vector<graph::NodeId> at;  ///< by the other graph's node
};

/// When a node may have bfloat16 in place of floats in its values of samples, those that it reads
/// and its own.
enum class Narrow {
  never,
  result,  ///< its own always; what it reads are the factors of products
  first,   ///< when its first input has
  second,  ///< when its second input has; the first is then rounded where it has not
  all,     ///< when all inputs have
};

using NarrowTest = std::function<Narrow(const graph::Graph& graph, const graph::Node& node)>;

/// Rounds the factors of all products to bfloat16, each value once, however many products read it.
/// Results of products that are read by nodes alone which may have bfloat16 are kept as bfloat16
/// too, and so are the results of these nodes, and so on; all else stays in float, and so does
/// what is in `kept`.
Rewritten with_bfloat16_products(const graph::Graph& graph, const NarrowTest& narrow = {},
                                 const std::set<graph::NodeId>& kept = {});

}  // namespace rectify::pass
