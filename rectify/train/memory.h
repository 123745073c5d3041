#pragma once

#include <cstddef>
#include <cstdint>

#include "rectify/graph/graph.h"

namespace rectify::train {

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
