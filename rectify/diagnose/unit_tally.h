#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/model/slope.h"

namespace rectify::diagnose {

/// Adds up what the units of one activation layer do, batch by batch. A unit here is one output of
/// a sample: channels of images have many.
class UnitTally {
 public:
  explicit UnitTally(std::size_t units);

  /// Adds a batch. `z` and `y` are pre-activations and outputs: batch x units, row-major.
  /// Derivatives of a size below `flat` count as flat.
  void add(std::span<const float> z, std::span<const float> y, const model::Slope& slope,
           float flat, ThreadPool& threads);

  std::size_t units() const { return firing.size(); }

  std::size_t samples = 0;
  std::vector<std::int64_t> firing, flat, zeros;  ///< per unit: samples
  /// Per unit: sums of z - pivot, of its square, of y and of y^2. The pivot is the first sample's
  /// z, so that the variance of numbers far from 0 keeps its digits.
  std::vector<double> sum, squares, output_sum, output_squares;
  std::vector<float> pivot, smallest, largest;

 private:
  void add_group(std::span<const float> z, std::span<const float> y, const model::Slope& slope,
                 float flat, std::size_t first);
};

}  // namespace rectify::diagnose
