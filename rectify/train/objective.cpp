#include "rectify/train/objective.h"

#include <utility>

#include "rectify/graph/activate.h"
#include "rectify/model/loss.h"
#include "rectify/pass/advance.h"
#include "rectify/train/certify/certified.h"

namespace rectify::train {

Objective minimise(graph::Graph graph, std::vector<graph::NodeId> losses) {
  Objective objective{.graph = std::move(graph), .losses = std::move(losses)};
  objective.directions = pass::differentiate(objective.graph, objective.losses);
  objective.next_states = pass::advance(objective.graph);
  return objective;
}

namespace {

/// The loss of the worst margins over the box around each sample, of which a CertifiedFeed says how
/// much it counts.
graph::NodeId add_certified_loss(graph::Graph& graph, const Supervision& how) {
  const graph::NodeId margins = add_worst_margins(graph), target = graph.find("target");
  const Type weight{.shape = graph.node(target).type.shape};
  graph::Attributes attributes;
  if (how.label_smoothing > 0) attributes.set("smoothing", how.label_smoothing);
  return graph.add("softmax_cross_entropy",
                   {margins, target, graph.add_input(weight, certified_weight)}, attributes,
                   "certified_loss");
}

}  // namespace

Objective supervised(const graph::Graph& network, const Supervision& how) {
  graph::Graph graph = network;
  std::vector<graph::NodeId> losses = {
      model::add_loss(graph, how.loss, how.class_targets, how.label_smoothing, how.weighted)};
  if (how.l1 > 0)
    for (const graph::NodeId id : graph::hidden_outputs(network)) {
      graph::Attributes attributes;
      attributes.set("weight", how.l1);
      losses.push_back(graph.add("l1_penalty", {id}, attributes));
    }
  if (how.certify) losses.push_back(add_certified_loss(graph, how));
  return minimise(std::move(graph), std::move(losses));
}

}  // namespace rectify::train
