#pragma once

#include <cstdint>
#include <functional>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/model/regression.h"
#include "rectify/model/views.h"
#include "rectify/run/plan.h"

namespace rectify::model {

/// What one activation layer did over a set of samples. A layer of images or of sequences has
/// channels, its last axis, each with a unit at every position: after `conv 16 3x3` on images of
/// 10x10 there are 16 channels and 1600 units. In other layers each unit is a channel.
struct LayerActivity {
  std::string label;  ///< of the activation: "relu1"
  std::int64_t units = 0;
  std::int64_t channels = 0;
  std::vector<std::int64_t> zeros;  ///< per unit: samples for which the output was exactly 0
  std::vector<bool> alive;          ///< per unit: whether the derivative was ever not 0
  /// Per unit: samples for which the derivative was below a twentieth of the activation's largest.
  std::vector<std::int64_t> saturated = {};

  double zero_share(std::size_t samples) const;
  double dead_share() const;  ///< of units, [0, 1]
  /// The channels of which no unit was ever alive: those that learn no more, whereas a dead unit of
  /// a living channel only says that nothing there looked like the channel's pattern.
  std::int64_t dead_channels() const;
  std::vector<bool> living_channels() const;  ///< whether each channel is not dead
  double dead_channel_share() const;          ///< [0, 1]
  double saturated_share(std::size_t samples) const;
};

struct Evaluation {
  std::size_t samples = 0;
  double loss = 0;   ///< mean over the samples; of normalised targets in regression; NaN of none
  double error = 0;  ///< share of wrong classes; in regression the root of the mean squared error,
                     ///< in the targets' units; NaN of no samples
  std::vector<LayerActivity> layers;                 ///< empty unless watched
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
  RegressionScores regression;                       ///< of numbers; zeros in classification
};

/// Called after each batch of an evaluation, whose plan kept all activations and their inputs.
using EvaluationObserver = std::function<void(const run::Plan& plan)>;

/// Runs a model over samples and measures it. Keeps its plans, so that the next evaluation only
/// runs them.
class Evaluator {
 public:
  /// `graph` is the network without a loss. `parameters` have its layout and are read at every
  /// call. If an `arena` is given, values are kept there, and no more samples are taken at once
  /// than fit. Throws Error for a graph without an input "input" or a result, and where the data
  /// set contradicts itself (data::check) or does not have the sizes of the network.
  Evaluator(const graph::Graph& graph, const run::ParameterLayout& layout, float* parameters,
            const std::string& loss, const data::Dataset& dataset, ThreadPool& threads,
            std::shared_ptr<run::Arena> arena = {});

  /// From now on the answer to a sample is the mean of the answers to its views. Layers are still
  /// watched on the sample itself.
  void average_over(Views views);
  /// From now on weights of dense layers are read from copies of what they are when they are first
  /// used, kept as that.
  void keep_weights_as(run::WeightPrecision precision);

  /// Measures loss and error over `samples` of `split`. `watch`: also fills Evaluation::layers.
  /// Throws Error for a sample that the split does not have, and for samples without answers.
  Evaluation evaluate(const data::Split& split, std::span<const std::uint32_t> samples,
                      const data::Normalisation& normalisation, bool watch);
  /// The same without Evaluation::layers, for somebody who looks at the activations themselves.
  Evaluation evaluate(const data::Split& split, std::span<const std::uint32_t> samples,
                      const data::Normalisation& normalisation, const EvaluationObserver& observe);

  /// The values of an activation layer (activation_labels()), of what it reads, or of the network's
  /// result, for `samples`. Throws Error for another label, and for samples as evaluate() does.
  std::vector<float> outputs_of(const std::string& label, const data::Split& split,
                                std::span<const std::uint32_t> samples,
                                const data::Normalisation& normalisation);

  std::vector<std::string> activation_labels() const;

 private:
  void check_asked(const data::Split& split, std::span<const std::uint32_t> samples) const;
  graph::NodeId readable(const std::string& label) const;
  run::PlanOptions options_for(std::int64_t batch, bool watch) const;
  run::Plan& plan_for(std::int64_t batch, bool watch);
  std::span<const float> answers(run::Plan& plan, std::span<const std::uint32_t> samples,
                                 const data::Split& split,
                                 const data::Normalisation& normalisation);
  double loss_of_means(std::span<const std::uint32_t> samples, const data::Split& split,
                       const data::Normalisation& normalisation);
  void count(std::span<const float> outputs, double loss, std::span<const std::uint32_t> samples,
             const data::Split& split, const data::Normalisation& normalisation, Evaluation& into,
             RegressionTally& tally) const;
  Evaluation measure(const data::Split& split, std::span<const std::uint32_t> samples,
                     const data::Normalisation& normalisation, bool watch,
                     const std::function<void(const run::Plan&, Evaluation&)>& look);
  void watch_layers(const run::Plan& plan, Evaluation& into) const;

  graph::Graph graph_;
  const run::ParameterLayout& layout_;
  float* parameters_;
  std::string loss_name_;
  const data::Dataset& dataset_;
  ThreadPool& threads_;
  graph::NodeId loss_;
  std::vector<graph::NodeId> activations_;
  std::vector<float> flat_;  ///< for each: below that derivative an output counts as saturated
  std::size_t full_batch_;
  std::shared_ptr<run::Arena> arena_;
  std::map<std::pair<std::int64_t, bool>, std::unique_ptr<run::Plan>> plans_;
  Views views_;
  run::WeightPrecision weights_ = run::WeightPrecision::fp32;
  std::vector<float> means_;  ///< mean answers over the views, where there are several
};

/// 0, 1, ..., n - 1.
std::vector<std::uint32_t> all_samples(std::size_t n);

}  // namespace rectify::model
