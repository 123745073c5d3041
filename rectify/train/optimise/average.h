#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/tensor/buffer.h"

namespace rectify::train {

/// An exponential moving average of weights, taken after every step (Polyak & Juditsky 1992 is the
/// plain mean): a' = d a + (1 - d) w. While few steps are done, d is (1 + t) / (10 + t) at the
/// t-th of them, where that is less than the decay asked for, so that the start is soon forgotten.
class Average {
 public:
  Average(double decay, std::size_t floats, ThreadPool& threads);

  /// Begins anew with these weights.
  void begin(const float* weights);
  /// `step`: how many steps are done, from 1.
  void update(const float* weights, std::uint64_t step);

  Buffer& values() { return values_; }
  const Buffer& values() const { return values_; }

 private:
  double decay_;
  ThreadPool& threads_;
  Buffer values_;
};

}  // namespace rectify::train
