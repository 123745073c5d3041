#include "rectify/model/regression.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rectify::model {

void RegressionTally::add(std::span<const float> answers, std::span<const float> targets) {
  sums_.resize(answers.size());
  for (std::size_t j = 0; j < answers.size(); ++j) {
    const data::Scaling by =
        normalisation_.targets.empty() ? data::Scaling{} : normalisation_.targets[j];
    const double answer = static_cast<double>(answers[j]) / by.scale + by.mean, target = targets[j];
    Sums& sums = sums_[j];
    if (samples_ == 0)
      sums = {.offset = target,
              .lowest_answer = answer,
              .highest_answer = answer,
              .lowest_target = target,
              .highest_target = target};
    sums.squared_error += (answer - target) * (answer - target);
    sums.target += target - sums.offset;
    sums.squared_target += (target - sums.offset) * (target - sums.offset);
    sums.lowest_answer = std::min(sums.lowest_answer, answer);
    sums.highest_answer = std::max(sums.highest_answer, answer);
    sums.lowest_target = std::min(sums.lowest_target, target);
    sums.highest_target = std::max(sums.highest_target, target);
    absolute_error_ += std::abs(answer - target);
  }
  ++samples_;
}

RegressionScores RegressionTally::scores() const {
  RegressionScores scores;
  if (samples_ == 0 || sums_.empty()) return scores;
  const auto n = static_cast<double>(samples_), width = static_cast<double>(sums_.size());
  scores.absolute_error = absolute_error_ / n / width;
  scores.constant = true;
  double squared = 0;
  for (std::size_t j = 0; j < sums_.size(); ++j) {
    const Sums& s = sums_[j];
    const double mean = s.target / n;
    const double around_mean = std::max(0.0, s.squared_target - n * mean * mean);
    const double known =
        normalisation_.targets.empty() ? 0 : normalisation_.targets[j].mean - s.offset - mean;
    squared += around_mean / n + known * known;
    scores.r2 += around_mean > 0 ? 1 - s.squared_error / around_mean
                                 : std::numeric_limits<double>::quiet_NaN();
    const double range = s.highest_target - s.lowest_target;
    scores.constant &= s.highest_answer - s.lowest_answer <= 1e-6 * range && range > 0;
  }
  scores.r2 /= width;
  scores.baseline = std::sqrt(squared / width);
  return scores;
}

}  // namespace rectify::model
