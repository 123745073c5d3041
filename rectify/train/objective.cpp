#include "rectify/train/objective.h"

#include <utility>

#include "rectify/graph/activate.h"
#include "rectify/model/loss.h"
#include "rectify/pass/advance.h"

namespace rectify::train {

Objective minimise(graph::Graph graph, std::vector<graph::NodeId> losses) {
  Objective objective{.graph = std::move(graph), .losses = std::move(losses)};
  objective.directions = pass::differentiate(objective.graph, objective.losses);
  objective.next_states = pass::advance(objective.graph);
  return objective;
}

Objective supervised(const graph::Graph& network, const Supervision& how) {
  graph::Graph graph = network;
  std::vector<graph::NodeId> losses = {
      model::add_loss(graph, how.loss, how.class_targets, how.label_smoothing, how.weighted)};
  if (how.l1 > 0)
    for (const graph::NodeId id : graph::activations(network)) {
      graph::Attributes attributes;
      attributes.set("weight", how.l1);
      losses.push_back(graph.add("l1_penalty", {id}, attributes));
    }
  return minimise(std::move(graph), std::move(losses));
}

}  // namespace rectify::train
