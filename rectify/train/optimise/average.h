#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/tensor/buffer.h"

namespace rectify::train {

/// An exponential moving average of weights, taken after every step: a' = d a + (1 - d) w. (Polyak
/// & Juditsky 1992 take the plain mean.) At step t, d is the smaller one of `decay` and (1 + t) /
/// (10 + t), so that the initial weights are soon forgotten: whatever `decay` is, the average
/// covers about the last ninth of the steps at most.
class Average {
 public:
  Average(double decay, std::size_t floats, ThreadPool& threads);

  /// Restarts the average from these weights.
  void begin(const float* weights);
  /// Adds the weights after step number `step`, from 1.
  void update(const float* weights, std::uint64_t step);

  Buffer& values() { return values_; }
  const Buffer& values() const { return values_; }

 private:
  double decay_;
  ThreadPool& threads_;
  Buffer values_;
};

}  // namespace rectify::train
