#pragma once

#include <memory>
#include <optional>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/model/safetensors.h"
#include "rectify/pretrain/kind.h"
#include "rectify/pretrain/options.h"
#include "rectify/pretrain/record.h"
#include "rectify/pretrain/rows_feed.h"
#include "rectify/train/step.h"

namespace rectify::pretrain {

/// Trains one layer of a stack, epoch by epoch.
class LayerTrainer {
 public:
  /// `train` and `watched` are the samples that it learns from and that it is judged by. All
  /// references must outlive it.
  LayerTrainer(const LayerSpec& layer, Below below, const Rows& rows,
               std::span<const std::uint32_t> train, std::span<const std::uint32_t> watched,
               const Options& options, std::size_t number, ThreadPool& threads);
  LayerTrainer(const LayerTrainer&) = delete;
  LayerTrainer& operator=(const LayerTrainer&) = delete;

  bool finished() const { return epoch_ >= options_.epochs; }
  int epoch() const { return epoch_; }
  int epochs() const { return options_.epochs; }

  /// Nothing when `stop` said so. Throws train::NonFinite.
  std::optional<Record> train_epoch(const ProgressCallback& progress, const StopCallback& stop);

  const Below& below() const { return below_; }
  const LayerKind& kind() const { return *layer_.kind; }
  const run::ParameterLayout& layout() const { return layout_; }
  const Buffer& parameters() const { return parameters_; }
  Buffer& parameters() { return parameters_; }
  const Learner& learner() const { return learner_; }
  std::optional<Machine> machine() const;
  std::optional<ConvolutionalMachine> convolutional() const;

  /// The ways through it (LayerKind).
  Passage up() const;
  Passage down(double factor) const;

  /// The way up as a network.
  using Encoder = model::Model;
  Encoder encoder() const;

  /// What it goes on from, under names that begin with `prefix`, and back.
  void put_state(model::TensorFile& file, const std::string& prefix) const;
  void take_state(const model::TensorFile& file, const std::string& prefix);

 private:
  void judge(Record& record);
  double watched_loss();

  const LayerSpec& layer_;
  const Below below_;
  const Rows& rows_;
  std::span<const std::uint32_t> train_, watched_;
  const train::Options options_;
  const int slow_epochs_;
  const std::size_t number_;
  ThreadPool& threads_;
  const Learner learner_;
  const run::ParameterLayout layout_;
  Buffer parameters_;
  std::vector<float> chain_;  ///< of each sample of a batch; empty: the layer has none
  std::unique_ptr<RowsFeed> feed_;
  std::unique_ptr<train::Step> step_;
  int epoch_ = 0;
};

}  // namespace rectify::pretrain
