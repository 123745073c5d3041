#pragma once

#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/model.h"

namespace rectify::diagnose {

/// What is said of one unit. Where several fit, the first of this list.
///
/// - dead: its derivative was 0 on every input, or its pre-activation was always the same: it
/// answers
///   the same whatever comes.
/// - nearly_dead: its derivative was not 0 (of a smooth activation: not below a twentieth of the
///   largest) on fewer than one input in a thousand.
/// - saturated: of an activation that is flat at both ends, such as sigmoid: flat on at least 95 %
///   of the inputs.
/// - duplicate: it gives the same as an earlier unit of its layer.
/// - always_on: its derivative was not 0 on any input, of an activation that can be off: it is
///   linear on these data.
enum class Verdict { healthy, dead, nearly_dead, saturated, duplicate, always_on };
constexpr std::array<std::string_view, 6> names_of(Verdict) {
  return {"healthy", "dead", "nearly dead", "saturated", "duplicate", "always on"};
}

/// One unit of an activation layer over all inputs; of images or sequences one channel (the last
/// axis), over all inputs and positions. Shares are in [0, 1].
struct UnitFigures {
  double firing = 0;  ///< share of outputs at which the derivative is not 0
  double flat = 0;    ///< share at which it is below a twentieth of the activation's largest
  double zeros = 0;   ///< share of outputs that are exactly 0
  double mean = 0, variance = 0;     ///< of the pre-activation
  double smallest = 0, largest = 0;  ///< pre-activation
  double output_mean = 0;            ///< of the output
  double output_square = 0;          ///< mean square of the output
  Verdict verdict = Verdict::healthy;
  std::int64_t twin = -1;  ///< of a duplicate: the earlier unit
};

/// One activation layer.
struct LayerFigures {
  std::string label;           ///< of the activation: "relu1"
  std::string activation;      ///< its row: "relu"
  std::string weight;          ///< that feeds it: "dense1.weight"; empty: none does
  std::int64_t positions = 1;  ///< of each channel; 1 in layers without images or sequences
  std::vector<UnitFigures> units;
  /// How many directions the outputs spread over: (sum of variances)^2 / (sum of their squares),
  /// the participation ratio of the principal components; from 1 to the number of units. Over at
  /// most 128 inputs; the channels of images by their means.
  double effective_rank = 0;

  std::int64_t count(Verdict verdict) const;
  double share(Verdict verdict) const;  ///< of units, [0, 1]
  double zero_share() const;            ///< of outputs
  double pre_activation_rms() const;
  double output_rms() const;
};

/// An upper bound, at 95 % confidence, of the rate at which a unit fires that fired on none of
/// `inputs`: 1 - 0.05^(1/inputs), about 3 / inputs ("rule of three").
double firing_bound(std::size_t inputs);

/// Measures every activation of `model` in inference over the samples of `split` with the numbers
/// `samples`, of data that fit the model. The same bits for any number of threads.
///
///     for (const LayerFigures& layer : measure_units(model, dataset, dataset.test, rows, threads))
///       std::cout << layer.label << ": " << layer.count(Verdict::dead) << " dead\n";
std::vector<LayerFigures> measure_units(const model::Model& model, const data::Dataset& dataset,
                                        const data::Split& split,
                                        std::span<const std::uint32_t> samples,
                                        ThreadPool& threads);

/// The same with the model's error and loss, which come from the same pass.
struct Measured {
  model::Evaluation evaluation;  ///< its `layers` are empty
  std::vector<LayerFigures> layers;
};
Measured measure(const model::Model& model, const data::Dataset& dataset, const data::Split& split,
                 std::span<const std::uint32_t> samples, ThreadPool& threads);

}  // namespace rectify::diagnose
