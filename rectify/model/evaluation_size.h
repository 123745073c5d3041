#pragma once

#include <cstddef>
#include <set>

#include "rectify/graph/graph.h"

namespace rectify::model {

/// The values that an evaluation keeps to look at the activations of a network with its loss.
std::set<graph::NodeId> watched_values(const graph::Graph& graph, graph::NodeId loss);

/// How many samples an evaluation takes at once, and the floats of the arena that it then uses.
struct EvaluationSize {
  std::size_t samples, floats;
};

/// The size for a network with its loss: 512 samples, or as many as fit into `floats` floats (or
/// into 8 MiB, if that is more).
EvaluationSize evaluation_size(const graph::Graph& graph, graph::NodeId loss, std::size_t floats);

}  // namespace rectify::model
