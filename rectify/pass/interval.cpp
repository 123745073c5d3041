#include "rectify/pass/interval.h"

#include <algorithm>
#include <array>
#include <map>

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::pass {

namespace {

using graph::Graph;
using graph::NodeId;

/// Operators that give a centre the new centre and a radius the new radius: sums with weights that
/// are not negative, and those that only arrange numbers.
constexpr std::array both_alike = {"flatten",         "reshape", "avg_pool",
                                   "global_avg_pool", "add",     "concat"};

/// Whether f falls nowhere, looked at as closely as activation::kinks() looks.
bool never_falls(const activation::Row& row, const activation::Parameters& p) {
  constexpr double reach = 256, points = 64;
  for (double x = -reach; x <= reach; x += 1 / points)
    if (row.slope(x, p) < 0) return false;
  return true;
}

class Bounding {
 public:
  Bounding(Graph& graph, NodeId from, IntervalNodes box) : graph_(graph) { known_[from] = box; }

  IntervalNodes of(NodeId id) {
    const auto found = known_.find(id);
    if (found != known_.end()) return found->second;
    const graph::Node node = graph_.node(id);  // a copy: adding nodes moves them
    return known_[id] = bounded(node);
  }

 private:
  IntervalNodes bounded(const graph::Node& node) {
    if (node.op->layer) return layer(node);
    if (node.op->name == "activate") return activation(node);
    if (std::ranges::find(both_alike, node.op->name) == both_alike.end() || node.inputs.empty())
      refuse(node, "has no rule for intervals");
    std::vector<NodeId> centres, radii;
    for (const NodeId input : node.inputs) {
      centres.push_back(of(input).centre);
      radii.push_back(of(input).radius);
    }
    return {add(node, node.op->name, centres, ".centre"),
            add(node, node.op->name, radii, ".radius")};
  }

  IntervalNodes layer(const graph::Node& node) {
    const IntervalNodes x = of(node.inputs[0]);
    std::vector<NodeId> inputs = node.inputs;
    inputs[0] = x.centre;
    const NodeId centre = add(node, node.op->name, inputs, ".centre");
    graph::Node without_bias = node;
    without_bias.attributes.set("bias", std::string("no"));
    return {centre,
            add(without_bias, node.op->name, {x.radius, absolute(node.inputs[1])}, ".radius")};
  }

  IntervalNodes activation(const graph::Node& node) {
    if (!never_falls(graph::activation_row(node), graph::activation_parameters(node)))
      refuse(node, "falls somewhere, which the ends of an interval do not show");
    const IntervalNodes x = of(node.inputs[0]);
    return {add(node, "interval_centre", {x.centre, x.radius}, ".centre"),
            add(node, "interval_radius", {x.centre, x.radius}, ".radius")};
  }

  NodeId add(const graph::Node& like, std::string_view op, std::vector<NodeId> inputs,
             const char* part) {
    return graph_.add(op, std::move(inputs), like.attributes, like.label + part);
  }

  NodeId absolute(NodeId weight) {
    const std::string label = graph_.node(weight).label + ".absolute";
    const NodeId found = graph_.find(label);
    return found >= 0 ? found : graph_.add("absolute", {weight}, {}, label);
  }

  [[noreturn]] static void refuse(const graph::Node& node, const char* why) {
    fail(where(node), " ", why,
         "; networks of dense, conv, avg_pool, flatten, add, concat and "
         "activations that never fall, such as relu, can be bounded");
  }

  Graph& graph_;
  std::map<NodeId, IntervalNodes> known_;
};

}  // namespace

IntervalNodes bound(Graph& graph, NodeId from, IntervalNodes box, NodeId to) {
  Bounding bounding(graph, from, box);
  // In the graph's order, so that a deep network needs no deep recursion.
  std::vector<bool> behind(static_cast<std::size_t>(to) + 1);
  behind[static_cast<std::size_t>(from)] = true;
  for (NodeId id = from + 1; id <= to; ++id) {
    const std::vector<NodeId>& inputs = graph.node(id).inputs;
    behind[static_cast<std::size_t>(id)] = std::ranges::any_of(
        inputs, [&](NodeId input) { return behind[static_cast<std::size_t>(input)]; });
    if (behind[static_cast<std::size_t>(id)]) bounding.of(id);
  }
  return bounding.of(to);
}

}  // namespace rectify::pass
