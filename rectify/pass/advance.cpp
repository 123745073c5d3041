#include "rectify/pass/advance.h"

#include "rectify/graph/operator.h"

namespace rectify::pass {

graph::NextStates advance(graph::Graph& graph) {
  graph::NextStates next;
  const graph::NodeId before = graph.size();
  for (graph::NodeId id = 0; id < before; ++id)
    if (const auto rule = graph.node(id).op->advance) rule(graph, id, next);
  return next;
}

}  // namespace rectify::pass
