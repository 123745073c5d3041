#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::model {

/// How well one class is told from all others. What has no value, because nothing is of the class
/// or nothing was taken for it, is NaN.
struct ClassScores {
  std::int64_t samples = 0;  ///< that are of the class
  double precision = 0;      ///< of what was taken for the class, the share that is of it
  double recall = 0;         ///< of what is of the class, the share that was taken for it
  double f1 = 0;             ///< 2 TP / (2 TP + FP + FN)
  double auc = 0;            ///< area under the ROC curve of the class against the rest, [0, 1]
};

/// The scores of each class. `outputs` are a network's answers, one matrix row for each of
/// `labels`; `loss` says what they stand for. Samples are ranked for the area by the probability of
/// the class (by the output where `loss` knows no probabilities); equal ones count half.
std::vector<ClassScores> class_scores(std::span<const float> outputs,
                                      std::span<const std::int32_t> labels, std::size_t classes,
                                      const std::string& loss);

/// The mean over the classes of each figure, left out where it is NaN ("macro average"); `samples`
/// is the sum.
ClassScores mean_scores(std::span<const ClassScores> scores);

/// The probability of each class by the outputs of one sample: the softmax, or for a single output
/// the sigmoid. Empty where `loss` knows no probabilities (mean_squared_error, hinge).
std::vector<double> probabilities(std::span<const float> outputs, const std::string& loss);

/// How wrong each answer to a sample of `split` with a number in `samples` is; the larger, the
/// worse. Classes: -ln of the true class' probability, or, where `loss` knows none, by how much
/// another class' output exceeds its own; mean over a sample's labels. Regression: the mean square
/// of the difference in the units of the loss. `outputs` are the answers as the network gives them.
std::vector<double> wrongness(std::span<const float> outputs, const data::Split& split,
                              std::span<const std::uint32_t> samples, const std::string& loss,
                              const data::Normalisation& normalisation);

}  // namespace rectify::model
