#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/model/views.h"
#include "rectify/run/plan.h"

namespace rectify::model {

/// What one activation layer did over a set of samples.
struct LayerActivity {
  std::string label;  ///< of the activation: "relu1"
  std::int64_t units = 0;
  std::vector<std::int64_t> zeros;  ///< per unit: samples for which the output was exactly 0
  std::vector<bool> alive;          ///< per unit: whether the derivative was ever not 0

  double zero_share(std::size_t samples) const;
  double dead_share() const;
};

struct Evaluation {
  std::size_t samples = 0;
  double loss = 0;   ///< mean over the samples; of normalised targets in regression
  double error = 0;  ///< share of wrong classes; in regression the root of the mean squared error,
                     ///< in the targets' units
  std::vector<LayerActivity> layers;                 ///< when watched
  std::vector<std::vector<std::int64_t>> confusion;  ///< [true class][predicted class]
};

/// Runs a model over samples. The plans are kept, so that evaluating again costs only the running.
class Evaluator {
 public:
  /// `graph` is the network alone; `parameters` in its layout, read at every call. With an `arena`
  /// it uses that, and takes no more samples at once than fit there.
  Evaluator(const graph::Graph& graph, const run::ParameterLayout& layout, float* parameters,
            const std::string& loss, const data::Dataset& dataset, ThreadPool& threads,
            std::shared_ptr<run::Arena> arena = {});

  /// From now on answers are means over these views of a sample; layers are still watched at the
  /// sample itself.
  void average_over(Views views);

  /// Over `samples` of `split`. `watch`: also what the activation layers did.
  Evaluation evaluate(const data::Split& split, std::span<const std::uint32_t> samples,
                      const data::Normalisation& normalisation, bool watch);

  /// The values of an activation layer, or of the network's result, for `samples`.
  std::vector<float> outputs_of(const std::string& label, const data::Split& split,
                                std::span<const std::uint32_t> samples,
                                const data::Normalisation& normalisation);

  std::vector<std::string> activation_labels() const;

 private:
  run::PlanOptions options_for(std::int64_t batch, bool watch) const;
  run::Plan& plan_for(std::int64_t batch, bool watch);
  std::span<const float> answers(run::Plan& plan, std::span<const std::uint32_t> samples,
                                 const data::Split& split,
                                 const data::Normalisation& normalisation);
  double loss_of_means(std::span<const std::uint32_t> samples, const data::Split& split,
                       const data::Normalisation& normalisation);
  void count(std::span<const float> outputs, double loss, std::span<const std::uint32_t> samples,
             const data::Split& split, const data::Normalisation& normalisation,
             Evaluation& into) const;
  void watch_layers(const run::Plan& plan, Evaluation& into) const;

  graph::Graph graph_;
  const run::ParameterLayout& layout_;
  float* parameters_;
  std::string loss_name_;
  const data::Dataset& dataset_;
  ThreadPool& threads_;
  graph::NodeId loss_;
  std::vector<graph::NodeId> activations_;
  std::size_t full_batch_;
  std::shared_ptr<run::Arena> arena_;
  std::map<std::pair<std::int64_t, bool>, std::unique_ptr<run::Plan>> plans_;
  Views views_;
  std::vector<float> means_;  ///< of the answers to all views, where there are several
};

/// 0, 1, ..., n - 1.
std::vector<std::uint32_t> all_rows(std::size_t n);

}  // namespace rectify::model
