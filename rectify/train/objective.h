#pragma once

#include <string>
#include <vector>

#include "rectify/graph/graph.h"
#include "rectify/pass/differentiate.h"

namespace rectify::train {

/// What a step of training computes: a graph of inputs, parameters and states, with the nodes that
/// say how the parameters and states change. It need not come from a model's text, and it need not
/// have labels or a loss. Contrastive divergence, for example, fills `directions` with differences
/// of two products and leaves `losses` empty.
struct Objective {
  graph::Graph graph;
  /// Scalars, each a mean over the batch. The first one is what an epoch's record calls the loss.
  std::vector<graph::NodeId> losses;
  /// For each parameter that is trained, the node that it moves against, of the same shape: the
  /// gradient of the losses, or anything else that an optimiser can take for one.
  pass::ParameterGradients directions;
  /// For each state, the node with its value after the step.
  graph::NextStates next_states;
};

/// The objective "make the sum of `losses` small": the directions are gradients, found by
/// differentiation. Throws Error when an operator between a loss and a parameter has no gradient
/// rule.
///
///     graph::Graph graph = graph::parse_model("784 : dense 30 | tanh | dense 784");
///     const graph::NodeId loss = model::add_loss(graph, "mean_squared_error", false);
///     const Objective objective = minimise(std::move(graph), {loss});
Objective minimise(graph::Graph graph, std::vector<graph::NodeId> losses);

/// What a network that learns from labels or targets is trained with.
struct Supervision {
  std::string loss = "softmax_cross_entropy";  ///< one of graph::loss_names()
  bool class_targets = true;                   ///< targets are class numbers, not floats
  bool weighted = false;       ///< each sample has a factor on its loss: the input "target_weight"
  double label_smoothing = 0;  ///< share of a target for all classes, [0, 0.9]
  double l1 = 0;               ///< factor on each activation layer's mean absolute output
  bool certify = false;        ///< also the loss of the worst margins over boxes (certify/)
};

/// Adds the loss, the penalties, the gradients and the next states to a network.
Objective supervised(const graph::Graph& network, const Supervision& how);

}  // namespace rectify::train
