#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"

namespace rectify::diagnose {

struct HealOptions {
  std::vector<std::string> mends = {};  ///< names of mends(); empty: the usual ones
  /// Training samples that units are measured on, at most, at equal distances.
  std::size_t samples = 10000;
  /// Bounds of every input, in the data's own units, within which a unit that is removed must be
  /// proven never to fire; without them each feature's range in the data.
  std::optional<activation::Interval> bounds = {};
  /// Whether units are removed even where sums are then made in another order, so that answers
  /// change by rounding.
  bool rounding = false;
  std::uint64_t seed = 1;  ///< of what is drawn
};

/// What was done to one layer.
struct MendedLayer {
  std::string label;                    ///< of its activation
  std::int64_t units = 0;               ///< before
  std::vector<std::int64_t> done = {};  ///< numbers of the units that were changed, ascending
  std::string said = {};  ///< what was found and done, or why nothing was, for people; may be empty
};

/// How far the answers of two models are apart on a set of samples. Answers are outputs of the
/// network: logits, or normalised numbers.
struct AnswerDifference {
  std::size_t samples = 0;
  std::size_t changed = 0;  ///< samples of which any bit of the answer changed
  double largest = 0;       ///< difference of two numbers
  double scale = 0;         ///< largest size of a number before
};

/// What the model was before a mend, or after.
struct Condition {
  double error = 0, loss = 0;  ///< on the test split (model::Evaluation)
  std::size_t parameters = 0;
};

/// One mend.
struct MendReport {
  std::string mend;
  std::vector<MendedLayer> layers;
  AnswerDifference measured = {};  ///< on the samples that units were measured on
  AnswerDifference test = {};      ///< on the test split
  Condition before = {}, after = {};
  /// Answers on the measured samples changed by more than rounding: the mend was taken back, and
  /// `after` is what it would have been.
  bool taken_back = false;

  /// Units that were changed, all layers together.
  std::size_t done() const;
};

struct Healed {
  model::Model model;
  std::vector<MendReport> reports;  ///< in the order in which the mends were made
  AnswerDifference measured, test;  ///< all mends together
  Condition before, after;
};

/// Mends a network without changing what it computes: every mend keeps the answers on the samples
/// that it was made from up to rounding, which is measured. The data must fit the model, with
/// classes in its order. Throws Error for an unknown mend and for data of another width. The same
/// bits for any number of threads.
///
///     const Healed healed = heal(load_model("run/best.safetensors"), dataset, {}, threads);
///     healed.reports[0].done();  // units that are alive again
///     model::save("healed.safetensors", model::to_file(healed.model));
Healed heal(const model::Model& model, const data::Dataset& dataset, const HealOptions& options,
            ThreadPool& threads);

}  // namespace rectify::diagnose
