#include "rectify/pass/precision.h"

#include "rectify/graph/operator.h"

namespace rectify::pass {

using graph::NodeId;

Rewritten with_bfloat16_products(const graph::Graph& graph) {
  Rewritten now;
  std::vector<NodeId> rounded(graph.size(), -1);
  const auto rounded_at = [&](NodeId id) {
    if (rounded[id] < 0)
      rounded[id] =
          now.graph.add("to_bfloat16", {now.at[id]}, {}, graph.node(id).label + ".bfloat16");
    return rounded[id];
  };
  for (graph::Node node : graph.nodes()) {
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      node.inputs[i] = i < node.op->factors ? rounded_at(node.inputs[i]) : now.at[node.inputs[i]];
    now.at.push_back(now.graph.add_copy(std::move(node)));
  }
  if (graph.result >= 0) now.graph.result = now.at[graph.result];
  return now;
}

}  // namespace rectify::pass
