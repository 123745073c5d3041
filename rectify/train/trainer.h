#pragma once

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/data/images/augment.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/pass/advance.h"
#include "rectify/pass/differentiate.h"
#include "rectify/run/plan.h"
#include "rectify/train/feed/mixup.h"
#include "rectify/train/optimise/average.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/options.h"

namespace rectify::train {

/// Thrown when a loss or a gradient is not finite. The step was not taken.
class NonFinite : public Error {
 public:
  using Error::Error;
};

/// One hidden layer after an epoch, over the validation samples (training samples if none are held
/// out). Shares are in [0, 1].
struct LayerRecord {
  std::string label;   ///< of the activation: "relu1"
  std::string weight;  ///< that feeds it (graph::feeding_weight): "dense1.weight"; empty: none does
  double exact_zeros = 0;
  double dead_units = 0;
};

/// The gradient of one weight in an epoch.
struct GradientRecord {
  std::string weight;  ///< "dense1.weight"
  double norm = 0;     ///< L2, mean over the watched steps
  bool operator==(const GradientRecord&) const = default;
};

/// One epoch of training.
struct EpochRecord {
  int epoch = 0;                           ///< from 1
  double lr = 0;                           ///< at the first step
  double train_loss = 0, train_error = 0;  ///< while training, before each step
  double validation_loss = 0, validation_error = 0;
  double seconds = 0;         ///< of the training steps alone
  double gradient_ratio = 0;  ///< first weight's norm over the last's, mean over the watched steps
  std::vector<GradientRecord> gradients;  ///< of every weight, in the network's order
  std::vector<LayerRecord> layers;        ///< of every activation, in the network's order
};

/// One line of history.jsonl, and back. In lines of older programs the norms have no labels: there
/// `weight` is empty everywhere, until label_records() knows the network.
std::string to_json(const EpochRecord& record);
EpochRecord epoch_from_json(const std::string& line);

/// Gives the records of older programs their labels. Throws Error when they are not of this
/// network.
void label_records(std::vector<EpochRecord>& records, const graph::Graph& network);

/// Trains one network on one data set in memory; writes nothing. The same options and data give the
/// same bits for any number of threads.
class Trainer {
 public:
  /// Checks the options against the data, splits, initialises. The data and the pool must outlive
  /// it. `fused` steps update weights while their gradient is in cache instead of storing it first;
  /// they have the same bits.
  Trainer(Options options, const data::Dataset& dataset, ThreadPool& threads, bool fused = true);
  ~Trainer();

  /// Before the first epoch: starts from the tensors of the file Options::weights, if it names one,
  /// as far as they are called like parameters (weights.h); returns the labels that it lacks. What
  /// is resumed does not need the file any more.
  std::vector<std::string> take_weights();

  /// Trains one epoch and evaluates. Asks `stop` between steps; when it says so, returns false with
  /// the state of the epoch's start unchanged on disk but not in memory (restore() to go on).
  /// Throws NonFinite naming the first layer that went bad.
  bool train_epoch(const ProgressCallback& progress = {}, const StopCallback& stop = {});

  /// Whether steps are counted: training loss and error, and the gradients' norms now and then; on
  /// from the start. Off, to measure what it costs, an epoch's record has zeros there.
  void watch(bool on) { watching_ = on; }

  /// All epochs done, or no better one for `patience` epochs.
  bool finished() const;

  const Options& options() const { return options_; }
  /// What is trained. What is evaluated and saved are last_model() and best_model(), which with
  /// --ema have averaged weights.
  const model::Model& model() const { return model_; }
  const std::vector<EpochRecord>& history() const { return history_; }
  const data::Partition& partition() const { return partition_; }
  int best_epoch() const { return best_epoch_; }

  /// The model with the parameters of the last epoch, and of the one that was best on validation.
  model::Model last_model() const { return model_with(evaluated()); }
  model::Model best_model() const { return model_with(best_parameters_); }

  /// Error, loss and confusion of the last or the best parameters over a whole split.
  model::Evaluation evaluate_test(bool best);
  /// Over the validation samples, with what the layers do.
  model::Evaluation evaluate_validation(bool best);
  /// An evaluator over the best parameters.
  std::vector<float> best_outputs_of(const std::string& label, std::span<const std::uint32_t> rows);

  /// Everything that training goes on from, as tensors and metadata, and back. Throws Error when
  /// the state belongs to other options or data.
  model::TensorFile state() const;
  void restore(const model::TensorFile& state, std::vector<EpochRecord> history);

  double parameters_count() const { return static_cast<double>(model_.layout.count()); }

 private:
  struct StepSums;
  const run::Plan& take_step(std::span<const std::uint32_t> rows, double lr, StepSums& sums);
  const run::Plan* take_fused_step(std::span<const std::uint32_t> rows, double lr);
  void take_accumulated_step(std::span<const std::uint32_t> rows, double lr, StepSums& sums);
  void step_by(const float* gradients, const GradientNorms& norms, double lr);
  void add_norms(const GradientNorms& norms, StepSums& sums) const;
  void fill_batch(run::Plan& plan, std::span<const std::uint32_t> rows);
  Buffer& evaluated() { return average_ ? average_->values() : model_.parameters; }
  const Buffer& evaluated() const { return average_ ? average_->values() : model_.parameters; }
  model::Model model_with(const Buffer& parameters) const;
  void round_parameters(const std::vector<bool>& done);
  bool stored_gradients_are_finite() const;
  bool losses_are_finite(const run::Plan& plan) const;
  bool next_states_are_finite(const run::Plan& plan) const;
  void commit_states(const run::Plan& plan);
  void count(const run::Plan& plan, std::span<const std::uint32_t> rows, StepSums& sums) const;
  [[noreturn]] void report_non_finite(std::span<const std::uint32_t> rows, std::uint32_t step);
  run::PlanOptions plan_options(std::int64_t batch, bool fused);
  run::Plan& plan_for(std::int64_t batch, bool fused);
  void finish_epoch(EpochRecord record);

  Options options_;
  const data::Dataset& dataset_;
  ThreadPool& threads_;
  data::Partition partition_;
  model::Model model_;
  graph::Graph training_;  ///< the network, its losses, its gradients and its states' next values
  std::vector<graph::NodeId> losses_;
  pass::ParameterGradients gradient_of_;
  graph::NextStates next_states_;
  Buffer gradients_;
  Buffer sum_;     ///< of the gradients of a step's batches, with --accumulate
  Buffer before_;  ///< such a step: the parameters and states, where there are states
  Buffer best_parameters_;
  Optimiser optimiser_;
  std::unique_ptr<run::RoundedParameters> rounded_;  ///< null with --precision fp32
  std::unique_ptr<Average> average_;                 ///< null without --ema
  std::unique_ptr<data::Augmenter> augmenter_;       ///< null without --augment
  std::unique_ptr<Mixup> mixup_;                     ///< null without --mixup
  bool fused_;
  bool watching_ = true;
  std::vector<bool> sinks_;  ///< per parameter slot: whether fused plans hand its gradient on
  std::shared_ptr<run::Arena> arena_ = std::make_shared<run::Arena>();  ///< of all plans
  std::map<std::pair<std::int64_t, bool>, std::unique_ptr<run::Plan>> plans_;
  std::unique_ptr<model::Evaluator> evaluator_, best_evaluator_;
  std::vector<std::size_t> weights_;  ///< positions of weights among the parameter slots
  std::vector<EpochRecord> history_;
  int epoch_ = 0;
  std::uint32_t step_ = 0;  ///< batches so far: addresses the random numbers of the next
  int best_epoch_ = 0;
  double best_error_ = 0, best_loss_ = 0;
};

}  // namespace rectify::train
