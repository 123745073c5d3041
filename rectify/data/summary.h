#pragma once

#include <cstddef>
#include <cstdint>
#include <limits>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// The numbers of one split.
struct SplitSummary {
  std::size_t count = 0;
  std::vector<std::size_t> per_class;  ///< samples of each class; empty for regression
  // Over all features of all samples; bytes count as 0 to 255. NaN when there are no samples.
  double min = std::numeric_limits<double>::quiet_NaN();
  double max = std::numeric_limits<double>::quiet_NaN();
  double mean = std::numeric_limits<double>::quiet_NaN();
  double deviation =
      std::numeric_limits<double>::quiet_NaN();  ///< standard deviation of the population
  double zeros = 0;                              ///< share of features that are exactly 0
  std::size_t constant_features = 0;             ///< features with one value in all samples
};

/// The facts about a data set that a user wants to know before training on it.
struct Summary {
  Shape sample_shape;
  std::vector<std::string> class_names;
  std::int64_t target_width = 0;
  bool bytes = false;  ///< samples are stored as 8 bits; otherwise as float
  SplitSummary train;
  SplitSummary test;
};

/// Counts and measures both splits, in one pass over each.
Summary summarise(const Dataset& dataset);

}  // namespace rectify::data
