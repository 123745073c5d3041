#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/certify/certified_error.h"
#include "rectify/train/feed/feed.h"
#include "rectify/train/loop.h"
#include "rectify/train/meter.h"
#include "rectify/train/objective.h"
#include "rectify/train/optimise/average.h"
#include "rectify/train/options.h"
#include "rectify/train/records.h"
#include "rectify/train/step.h"
#include "rectify/train/weighted_loss.h"

namespace rectify::train {

/// Trains one network on one data set in memory, epoch by epoch; writes nothing. The same options
/// and data give the same bits for any number of threads.
///
///     Trainer trainer(options, dataset, threads);
///     while (!trainer.finished()) trainer.train_epoch();
///     const double error = trainer.evaluate_test(true).error;
class Trainer {
 public:
  /// Checks the options against the data, splits, initialises. The data and the pool must outlive
  /// it, and no other thread may use the pool while a call runs: trainers in several threads need a
  /// pool each. Options::model may be the name of a network that comes with rectify (graph/zoo.h).
  /// Throws Error where the data contradict themselves (data::check), or do not fit the options.
  /// `fused`: see StepOptions. `parts`: which samples train and which validate, in place of what
  /// Options::validation holds out; checked and completed by data::completed(), so that its
  /// `watched` may be empty. Such a trainer is not for saving.
  Trainer(Options options, const data::Dataset& dataset, ThreadPool& threads, bool fused = true,
          std::optional<data::Partition> parts = {});
  Trainer(const Trainer&) = delete;
  Trainer& operator=(const Trainer&) = delete;

  /// Before the first epoch: starts from the tensors of the file Options::weights, if it names one,
  /// as far as they are called like parameters (weights.h); returns the labels that it lacks. What
  /// is resumed does not need the file any more.
  std::vector<std::string> take_weights();

  /// Trains one epoch and evaluates. Asks `stop` between steps; when it says so, returns false with
  /// the state of the epoch's start unchanged on disk but not in memory (restore() to go on).
  /// Throws NonFinite naming the first layer that went bad, and Error when Options::epochs epochs
  /// have been trained. Epochs after those of Options::patience are trained.
  bool train_epoch(const ProgressCallback& progress = {}, const StopCallback& stop = {});

  /// Whether steps are counted: training loss and error, and the gradients' norms now and then; on
  /// from the start. Off, to measure what it costs, an epoch's record has zeros there.
  void watch(bool on) { watching_ = on; }

  /// Whether all epochs are done, or `patience` of them without a better one.
  bool finished() const;

  const Options& options() const { return options_; }
  /// What is trained. What is evaluated and saved are last_model() and best_model(), which with
  /// --ema have averaged weights.
  const model::Model& model() const { return model_; }
  const std::vector<EpochRecord>& history() const { return history_; }
  const data::Partition& partition() const { return partition_; }
  const data::Dataset& dataset() const { return dataset_; }
  /// What was recorded of an epoch in which training went non-finite, until then; without
  /// validation (NaN) and layers.
  const std::optional<EpochRecord>& broken_epoch() const { return broken_epoch_; }
  /// From 1 on; 0 until an epoch is finished.
  int best_epoch() const { return best_epoch_; }

  /// The model with the parameters of the last epoch, and of the one that was best on validation:
  /// by its error, with Options::class_weights by the weighted one, or with Options::certify by its
  /// certified error (EpochRecord::judged_error). Until an epoch is finished, and where the first
  /// went non-finite, the best is what training started from, here and wherever one asks for it.
  model::Model last_model() const { return model_with(evaluated()); }
  model::Model best_model() const { return model_with(best_parameters_); }

  /// Error, loss and confusion of the last or the best parameters over the test split. Error and
  /// loss are NaN where the data have no test split; see evaluate_validation().
  model::Evaluation evaluate_test(bool best);
  /// Over the validation samples, with what the layers do.
  model::Evaluation evaluate_validation(bool best);
  /// The values of an activation, or of the result, for rows of the training split.
  std::vector<float> best_outputs_of(const std::string& label, std::span<const std::uint32_t> rows);

  /// With Options::certify: the share of test samples whose answer bounds do not prove, with the
  /// last or the best parameters; NaN where there are none. Nothing where boxes are small ones, of
  /// which nothing follows.
  std::optional<double> certified_test_error(bool best);

  /// The network's answers to rows of the test split, by the best parameters.
  std::vector<float> best_test_outputs(std::span<const std::uint32_t> rows);

  /// Everything that training goes on from, as tensors and metadata, and back. The options may ask
  /// for another number of epochs than the saved ones. Throws Error when the state belongs to
  /// otherwise other options, or to other data.
  model::TensorFile state() const;
  void restore(const model::TensorFile& state, std::vector<EpochRecord> history);

 private:
  Buffer& evaluated() { return average_ ? average_->values() : model_.parameters; }
  const Buffer& evaluated() const { return average_ ? average_->values() : model_.parameters; }
  model::Model model_with(const Buffer& parameters) const;
  EpochRecord record_of_steps(double lr, double seconds) const;
  void finish_epoch(EpochRecord record);
  void best_is_the_start();
  void judge_best_by_class();
  void record_layers(const model::Evaluation& evaluation, EpochRecord& record);

  Options options_;
  const data::Dataset& dataset_;
  ThreadPool& threads_;
  data::Partition partition_;
  model::Model model_;
  Objective objective_;
  std::unique_ptr<Feed> feed_;
  Meter meter_;
  std::unique_ptr<Step> step_;
  Buffer best_parameters_;
  std::unique_ptr<Average> average_;  ///< null without --ema
  bool watching_ = true;
  std::unique_ptr<model::Evaluator> evaluator_, best_evaluator_;
  std::unique_ptr<CertifiedError> certified_, best_certified_;  ///< null without --certify
  std::vector<float> class_weights_;                            ///< of each class; empty: all are 1
  std::unique_ptr<WeightedLoss> weighted_loss_;                 ///< null without class weights
  std::vector<EpochRecord> history_;
  std::vector<std::vector<bool>> alive_;  ///< channels of each layer after the last epoch
  std::optional<EpochRecord> broken_epoch_;
  int epoch_ = 0;
  int best_epoch_ = 0;
  double best_error_ = 0, best_loss_ = 0;
};

}  // namespace rectify::train
