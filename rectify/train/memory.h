#pragma once

#include <cstddef>
#include <cstdint>
#include <set>

#include "rectify/graph/graph.h"

namespace rectify::train {

/// What an evaluation keeps of a network with its loss, to look at its activations.
std::set<graph::NodeId> watched_values(const graph::Graph& graph, graph::NodeId loss);

/// How many samples an evaluation takes at once, and the floats of the arena that it then uses.
struct EvaluationSize {
  std::size_t samples, floats;
};

/// Of a network with its loss: 512 samples, or as many as fit into that many floats (or 8 MiB,
/// where that is more).
EvaluationSize evaluation_size(const graph::Graph& graph, graph::NodeId loss, std::size_t floats);

/// Bytes that training a network takes at most, without its data.
struct TrainingMemory {
  std::int64_t program = 0;     ///< code, libraries, threads, plans
  std::int64_t parameters = 0;  ///< and what is as large: gradients, momentum, the best parameters,
                                ///< and copies while they are saved
  std::int64_t arena = 0;       ///< values of a batch, in training or in an evaluation
  std::int64_t scratch = 0;     ///< what steps of all plans share
  std::int64_t total() const { return program + parameters + arena + scratch; }
};

/// Of classes by softmax_cross_entropy, with momentum or nesterov, on all processors. Makes the
/// plans of a run, without running them: what the program has grown by then is a part of it.
TrainingMemory training_memory(const graph::Graph& network, std::int64_t batch);

}  // namespace rectify::train
