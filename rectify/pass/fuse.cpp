#include "rectify/pass/fuse.h"

#include <algorithm>

#include "rectify/graph/operator.h"

namespace rectify::pass {

using graph::Graph;
using graph::NodeId;

namespace {

std::vector<NodeId> first_readers(const Graph& graph) {
  std::vector<NodeId> first(graph.size(), -1);
  for (NodeId id = 0; id < graph.size(); ++id)
    for (const NodeId input : graph.node(id).inputs)
      if (first[input] < 0) first[input] = id;
  return first;
}

}  // namespace

std::vector<NodeId> fuse(const Graph& graph, const NodeTest& hosts, const NodeTest& fuses,
                         const PairTest& ends) {
  const std::vector<NodeId> first = first_readers(graph);
  std::vector<NodeId> host(graph.size(), -1);
  for (NodeId id = 0; id < graph.size(); ++id) {
    const graph::Node& node = graph.node(id);
    if (node.inputs.empty()) continue;
    const NodeId before = node.inputs[0];
    const NodeId at = host[before] >= 0 ? host[before] : before;
    if (!fuses(node) && !(ends && ends(graph.node(at), node))) continue;
    if (host[before] >= 0 && !fuses(graph.node(before))) continue;  // the end of its chain
    const bool known = std::all_of(node.inputs.begin() + 1, node.inputs.end(), [&](NodeId input) {
      return input < at || graph.node(input).op->given;
    });
    if (hosts(graph.node(at)) && first[before] == id && known) host[id] = at;
  }
  return host;
}

}  // namespace rectify::pass
