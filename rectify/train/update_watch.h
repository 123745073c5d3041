#pragma once

#include <cstddef>
#include <vector>

#include "rectify/run/parameters.h"

namespace rectify::train {

/// Measures how far one step moves each weight: |change| / |weight before|, both L2. About 0.001 is
/// usual; far below, a layer hardly learns, far above, it jumps about.
///
/// Of a weight of more than 65,536 elements as many are looked at, in lines of 16 spread evenly
/// over it, so that a look costs little beside a step.
///
///     UpdateWatch watch(model.layout);
///     watch.before(parameters);
///     ...  // the step
///     watch.ratios(parameters);  // {0.0012, nan, 0.0031, nan}: weight, bias, weight, bias
class UpdateWatch {
 public:
  /// The layout must outlive it.
  explicit UpdateWatch(const run::ParameterLayout& layout) : layout_(layout) {}

  /// Remembers the weights as they are now.
  void before(const float* parameters);

  /// The ratio of each slot of the layout since before(). NaN for what is no weight (fewer than two
  /// axes) and for a weight that was 0.
  std::vector<double> ratios(const float* parameters) const;

 private:
  const run::ParameterLayout& layout_;
  std::vector<float> kept_;  ///< the elements looked at, slot after slot
};

}  // namespace rectify::train
