#include "rectify/pass/precision.h"

#include <algorithm>
#include <utility>

#include "rectify/graph/operator.h"

namespace rectify::pass {

using graph::Graph;
using graph::Node;
using graph::NodeId;

namespace {

/// Decides which nodes have bfloat16 in their per-sample values: the largest set in which every
/// condition holds.
class Narrowing {
 public:
  Narrowing(const Graph& graph, const NarrowTest& test, const std::set<NodeId>& kept)
      : graph_(graph),
        how_(static_cast<std::size_t>(graph.size()), Narrow::never),
        readers_(how_.size()) {
    if (!test) return;
    for (NodeId id = 0; id < graph.size(); ++id)
      for (std::size_t i = 0; i < graph.node(id).inputs.size(); ++i)
        readers_[graph.node(id).inputs[i]].emplace_back(id, i);
    for (NodeId id = 0; id < graph.size(); ++id)
      if (!graph.node(id).op->given && !kept.contains(id)) how_[id] = test(graph, graph.node(id));
    for (bool changed = true; changed;) {
      changed = false;
      for (NodeId id = 0; id < graph.size(); ++id)
        if (how_[id] != Narrow::never && !may_stay(id)) {
          how_[id] = Narrow::never;
          changed = true;
        }
    }
  }

  /// Whether the node's value is kept as bfloat16.
  bool value(NodeId id) const {
    return how_[id] != Narrow::never && graph_.node(id).type.per_sample;
  }

  /// Whether the node reads its i-th input as bfloat16.
  bool wants(NodeId id, std::size_t i) const {
    const Node& node = graph_.node(id);
    if (i < node.op->factors) return true;
    switch (how_[id]) {
      case Narrow::first:
        return i == 0;
      case Narrow::second:
        return i <= 1;
      case Narrow::all:
        return true;
      default:
        return false;
    }
  }

 private:
  bool may_stay(NodeId id) const {
    const Node& node = graph_.node(id);
    switch (how_[id]) {
      case Narrow::result:
        return read_by(id, true) && !read_by(id, false);
      case Narrow::first:
        return value(node.inputs[0]) && (!node.type.per_sample || read_by(id, true));
      case Narrow::second:
        return value(node.inputs[1]) && (!node.type.per_sample || read_by(id, true));
      case Narrow::all:
        return std::ranges::all_of(node.inputs, [&](NodeId input) { return value(input); }) &&
               read_by(id, true);
      default:
        return true;
    }
  }

  /// Whether a node reads the value as bfloat16 (`narrow`), or as floats.
  bool read_by(NodeId id, bool narrow) const {
    return std::ranges::any_of(readers_[id], [&](const auto& reader) {
      return wants(reader.first, reader.second) == narrow;
    });
  }

  const Graph& graph_;
  std::vector<Narrow> how_;
  /// For each value, the nodes that read it, and as which of their inputs.
  std::vector<std::vector<std::pair<NodeId, std::size_t>>> readers_;
};

}  // namespace

Rewritten with_bfloat16_products(const Graph& graph, const NarrowTest& narrow,
                                 const std::set<NodeId>& kept) {
  const Narrowing narrowing(graph, narrow, kept);
  Rewritten now;
  std::vector<NodeId> converted(static_cast<std::size_t>(graph.size()), -1);
  const auto as_wanted = [&](NodeId id, bool wanted) {
    if (narrowing.value(id) == wanted) return now.at[id];
    if (converted[id] < 0)
      converted[id] = now.graph.add(wanted ? "to_bfloat16" : "to_float32", {now.at[id]}, {},
                                    graph.node(id).label + (wanted ? ".bfloat16" : ".float32"));
    return converted[id];
  };
  for (NodeId id = 0; id < graph.size(); ++id) {
    Node node = graph.node(id);
    for (std::size_t i = 0; i < node.inputs.size(); ++i)
      node.inputs[i] = as_wanted(node.inputs[i], narrowing.wants(id, i));
    now.at.push_back(narrowing.value(id) ? now.graph.add_copy(std::move(node), Element::bfloat16)
                                         : now.graph.add_copy(std::move(node)));
  }
  if (graph.result >= 0) now.graph.result = now.at[graph.result];
  return now;
}

}  // namespace rectify::pass
