#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"

namespace rectify::diagnose {

/// One feature of a table that stands out.
struct FeatureFigure {
  std::string name;  ///< of the column, or its position from 0
  double value = 0;  ///< of a constant feature, before normalisation; of a large one its rms after
};

/// What the training samples are like, as the network and the loss see them.
struct DataFigures {
  std::size_t samples = 0;  ///< looked at
  std::size_t training_samples = 0;
  bool images = false, ids = false;

  // Inputs, after normalisation.
  double input_rms = 0, input_mean = 0, input_largest = 0;
  std::size_t features = 0;
  /// Features with one value in all samples; of images and sequences the channels whose every place
  /// has one.
  std::vector<FeatureFigure> constant;
  bool constant_scaled_away = false;  ///< these enter as 0, whatever they are in later samples
  double loudest_constant = 0;        ///< the largest of them after normalisation
  /// Of a table or row: the largest deviation of a feature over the median of those that vary.
  double unevenness = 1;
  std::vector<FeatureFigure> large;  ///< features of an rms above 10, largest first

  // Classes: counts of the labels of all training samples; empty in regression.
  std::vector<std::int64_t> class_counts;
  std::vector<std::string> class_names;  ///< of class_counts
  double label_entropy = 0;              ///< in nats: the loss of the best constant answer

  // Targets of a regression, after normalisation.
  double target_mean = 0, target_deviation = 0, target_low = 0, target_high = 0;
  bool targets_are_flags =
      false;                  ///< each number is 0 or 1 (before normalisation), several a target
  double flags_a_sample = 0;  ///< mean number of ones
  bool exclusive = false;     ///< of such targets: exactly one 1 in each
  std::size_t target_width = 0;

  std::size_t classes_present() const;
};

/// Looks at the samples of the training split with the numbers `rows`, at most 2,000 of them at
/// equal distances; the labels of all.
DataFigures measure_data(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                         const data::Normalisation& normalisation);

/// Whether labels or targets have anything to do with the samples, told by neighbours: the class
/// (or the number) of the nearest other sample against that of any other.
struct Relation {
  std::size_t samples = 0;  ///< compared; 0: nothing was, as with texts
  double agreement = 0;     ///< classes: share of samples whose nearest has the same class;
                            ///< numbers: correlation of a target with its nearest's
  double chance = 0;        ///< what unrelated labels would give
  double deviations = 0;    ///< (agreement - chance) in standard errors
  /// The largest correlation of one feature with the labels (each class against the rest), in
  /// standard errors, less what the largest of so many unrelated ones is expected to be.
  double single_feature = 0;

  /// Whether nothing at all was found. True of shuffled labels in 99 of 100 cases.
  bool unrelated() const { return samples >= 50 && deviations < 2.5 && single_feature < 1.5; }
};

/// Compares at most 1,000 of the samples `rows`.
Relation measure_relation(const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                          const data::Normalisation& normalisation);

}  // namespace rectify::diagnose
