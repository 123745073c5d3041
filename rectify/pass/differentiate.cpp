#include "rectify/pass/differentiate.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::pass {

using graph::GradientContext;
using graph::Graph;
using graph::NodeId;

namespace {

/// Whether each node depends on a parameter; a parameter depends on itself.
std::vector<bool> learning_behind(const Graph& graph) {
  std::vector<bool> behind;
  for (const graph::Node& node : graph.nodes())
    behind.push_back(node.op->name == "parameter" ||
                     std::ranges::any_of(node.inputs, [&](NodeId i) { return behind[i]; }));
  return behind;
}

/// The sum of two gradients of `value`. The later one comes first, so that the sum can be fused
/// with it.
NodeId sum(Graph& graph, NodeId value, NodeId later, NodeId earlier) {
  const std::string stem = "d_" + graph.node(value).label + ".sum";
  return graph.add("add", {later, earlier}, {}, graph.fresh_label(stem));
}

}  // namespace

const graph::Node* without_gradient(const graph::Graph& graph) {
  const std::vector<bool> learns = learning_behind(graph);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (learns[id] && !node.op->given && !node.op->differentiate && !node.op->part) return &node;
  }
  return nullptr;
}

ParameterGradients differentiate(Graph& graph, const std::vector<NodeId>& losses) {
  const NodeId forward_size = graph.size();
  const std::vector<bool> learns = learning_behind(graph);
  std::vector<NodeId> gradient(forward_size, -1);

  for (NodeId id = forward_size - 1; id >= 0; --id) {
    const bool root = std::ranges::count(losses, id) > 0;
    if (!learns[id] || (gradient[id] < 0 && !root)) continue;
    const graph::Operator& op = *graph.node(id).op;
    if (op.name == "parameter") continue;
    if (!op.differentiate || root != op.loss)
      fail(where(graph.node(id)), root ? " is not a loss"
                                       : " has no gradient: it runs forward only, so the network "
                                         "can be used but not trained");
    const std::vector<NodeId> inputs = graph.node(id).inputs;
    op.differentiate({.graph = graph,
                      .node = id,
                      .upstream = gradient[id],
                      .wanted = [&](std::size_t input) { return bool(learns[inputs[input]]); },
                      .accumulate =
                          [&](std::size_t input, NodeId found) {
                            NodeId& all = gradient[inputs[input]];
                            all = all < 0 ? found : sum(graph, inputs[input], found, all);
                          }});
  }

  ParameterGradients found;
  for (NodeId id = 0; id < forward_size; ++id)
    if (graph.node(id).op->name == "parameter" && gradient[id] >= 0) found[id] = gradient[id];
  return found;
}

}  // namespace rectify::pass
