// squared_error: the mean over the batch of the *sum* over the outputs of (z - t)^2, as papers on
// autoencoders have it: its size beside that of a penalty or of a sum of cross-entropies does not
// depend on how many numbers a sample has.

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

namespace {

// A rule of its own keeps it out of loss_names(): nobody trains a classifier with it.
Type like_answer(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

}  // namespace

std::span<const Operator> squared_error() {
  static const Operator all[] = {
      loss_operator("squared_error", "sum of (z - t)^2 over the outputs"),
      {.name = "squared_error_gradient", .summary = "2 (z - t) / batch", .infer = like_answer},
  };
  return all;
}

}  // namespace rectify::graph::ops
