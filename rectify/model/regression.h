#pragma once

#include <cstddef>
#include <span>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::model {

/// How well numbers are predicted, in the units of the targets.
struct RegressionScores {
  double absolute_error = 0;  ///< mean of |answer - target|
  /// 1 - (sum of squared errors) / (sum of squared distances of the targets from their mean), the
  /// mean over the numbers of a target. 1 is perfect, 0 is what their mean would reach. NaN where
  /// the targets are all the same.
  double r2 = 0;
  double baseline = 0;  ///< root of the mean squared error of always answering with the mean
  bool constant =
      false;  ///< whether all samples get the same answer, to 1e-6 of the targets' range
};

/// Adds up what the scores need, sample by sample.
class RegressionTally {
 public:
  /// The baseline answers with the mean of the training targets where `normalisation` has it, else
  /// with that of the targets added here.
  explicit RegressionTally(const data::Normalisation& normalisation)
      : normalisation_(normalisation) {}

  /// `answers`: the outputs of the network for one sample; `targets`: its numbers, in their units.
  void add(std::span<const float> answers, std::span<const float> targets);

  RegressionScores scores() const;

 private:
  struct Sums {
    double squared_error = 0;
    double target = 0, squared_target = 0;  ///< of target - offset
    double offset = 0;                      ///< the first target
    double lowest_answer = 0, highest_answer = 0, lowest_target = 0, highest_target = 0;
  };
  const data::Normalisation& normalisation_;
  std::size_t samples_ = 0;
  double absolute_error_ = 0;
  std::vector<Sums> sums_;  ///< one for each number of a target
};

}  // namespace rectify::model
