#include "rectify/pass/differentiate.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::pass {

using graph::GradientContext;
using graph::Graph;
using graph::NodeId;

namespace {

/// Whether each node is one of `sources` or depends on one.
std::vector<bool> reached_from(const Graph& graph, const std::vector<bool>& sources) {
  std::vector<bool> reached = sources;
  for (NodeId id = 0; id < graph.size(); ++id)
    if (std::ranges::any_of(graph.node(id).inputs, [&](NodeId i) { return reached[i]; }))
      reached[id] = true;
  return reached;
}

std::vector<bool> parameters_of(const Graph& graph) {
  std::vector<bool> parameters;
  for (const graph::Node& node : graph.nodes()) parameters.push_back(node.op->name == "parameter");
  return parameters;
}

/// The sum of two gradients of `value`. The later one comes first, so that the sum can be fused
/// with it.
NodeId sum(Graph& graph, NodeId value, NodeId later, NodeId earlier) {
  const std::string stem = "d_" + graph.node(value).label + ".sum";
  return graph.add("add", {later, earlier}, {}, graph.fresh_label(stem));
}

/// The node of the gradient of each node between `sources` and the losses; -1 elsewhere.
std::vector<NodeId> backward(Graph& graph, const std::vector<NodeId>& losses,
                             const std::vector<bool>& sources) {
  const NodeId forward_size = graph.size();
  const std::vector<bool> learns = reached_from(graph, sources);
  std::vector<NodeId> gradient(forward_size, -1);

  for (NodeId id = forward_size - 1; id >= 0; --id) {
    const bool root = std::ranges::count(losses, id) > 0;
    if (!learns[id] || sources[id] || (gradient[id] < 0 && !root)) continue;
    const graph::Operator& op = *graph.node(id).op;
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
  return gradient;
}

}  // namespace

const graph::Node* without_gradient(const graph::Graph& graph) {
  const std::vector<bool> learns = reached_from(graph, parameters_of(graph));
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (learns[id] && !node.op->given && !node.op->differentiate && !node.op->part) return &node;
  }
  return nullptr;
}

ParameterGradients differentiate(Graph& graph, const std::vector<NodeId>& losses) {
  const std::vector<bool> parameters = parameters_of(graph);
  const std::vector<NodeId> gradient = backward(graph, losses, parameters);
  ParameterGradients found;
  for (NodeId id = 0; id < static_cast<NodeId>(gradient.size()); ++id)
    if (parameters[id] && gradient[id] >= 0) found[id] = gradient[id];
  return found;
}

NodeId gradient_in(Graph& graph, const std::vector<NodeId>& losses, NodeId value) {
  std::vector<bool> sources(graph.size(), false);
  sources[value] = true;
  const NodeId found = backward(graph, losses, sources)[value];
  if (found < 0) fail("no loss depends on ", where(graph.node(value)));
  return found;
}

}  // namespace rectify::pass
