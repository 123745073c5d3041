#pragma once

#include <cstddef>
#include <set>

#include "rectify/graph/graph.h"

namespace rectify::model {

/// What an evaluation keeps of a network with its loss, to look at its activations.
std::set<graph::NodeId> watched_values(const graph::Graph& graph, graph::NodeId loss);

/// How many samples an evaluation takes at once, and the floats of the arena that it then uses.
struct EvaluationSize {
  std::size_t samples, floats;
};

/// Of a network with its loss: 512 samples, or as many as fit into that many floats (or 8 MiB,
/// where that is more).
EvaluationSize evaluation_size(const graph::Graph& graph, graph::NodeId loss, std::size_t floats);

}  // namespace rectify::model
