#pragma once

#include <cstddef>
#include <cstdint>

#include "rectify/graph/graph.h"

namespace rectify::train {

/// The most bytes that training a network takes, without its data.
struct TrainingMemory {
  std::int64_t program = 0;     ///< code, libraries, threads, plans
  std::int64_t parameters = 0;  ///< and buffers of that size: gradients, momentum, the best
                                ///< parameters, copies while a checkpoint is saved
  std::int64_t arena = 0;       ///< values of a batch, in training or in an evaluation
  std::int64_t scratch = 0;     ///< scratch buffer that the steps of all plans share
  std::int64_t total() const { return program + parameters + arena + scratch; }
};

/// The memory for training a classifier with softmax_cross_entropy, with momentum or nesterov, on
/// all processors. Makes the plans of such a run without running them, and counts the memory that
/// the program has taken by then.
TrainingMemory training_memory(const graph::Graph& network, std::int64_t batch);

}  // namespace rectify::train
