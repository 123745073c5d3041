#pragma once

#include <memory>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/pretrain/layer_trainer.h"
#include "rectify/pretrain/options.h"
#include "rectify/pretrain/unrolled.h"

namespace rectify::pretrain {

/// Trains a stack of layers without labels, one after the other from the data upwards: each learns
/// from what the finished layers below make of the samples. Writes nothing. The same options and
/// data give the same bits for any number of threads.
///
///     Pretrainer pretrainer(options, dataset, threads);
///     while (!pretrainer.finished()) pretrainer.train_epoch();
///     model::save("encoder.safetensors", model::to_file(pretrainer.encoder()));
class Pretrainer {
 public:
  /// Checks the options against the data. Data and pool must outlive it. Throws Error where the
  /// data contradict themselves (data::check), or do not fit the options.
  Pretrainer(Options options, const data::Dataset& dataset, ThreadPool& threads);
  Pretrainer(const Pretrainer&) = delete;
  Pretrainer& operator=(const Pretrainer&) = delete;

  /// Whether there is no epoch left to train.
  bool finished() const;
  /// Finished epochs as a share of all, 0 to 1, as if each layer took as long.
  double share_done() const;
  /// One epoch of the layer whose turn it is. Returns false when `stop` said so: what memory holds
  /// is then of no use. Throws train::NonFinite, and Error when finished().
  bool train_epoch(const ProgressCallback& progress = {}, const StopCallback& stop = {});

  const Options& options() const { return options_; }
  const data::Dataset& dataset() const { return dataset_; }
  const data::Partition& partition() const { return partition_; }
  const data::Normalisation& normalisation() const { return normalisation_; }
  const std::vector<LayerSpec>& layers() const { return layers_; }
  const std::vector<Record>& history() const { return history_; }

  /// The layers that have begun to learn.
  std::size_t begun() const { return trainers_.size(); }
  const LayerTrainer& trainer(std::size_t layer) const { return *trainers_[layer]; }
  /// Whether the layers have been unrolled.
  bool unrolled() const { return unrolled_ != nullptr; }
  /// What a layer that has begun learns from.
  const Rows& rows(std::size_t layer) const { return *rows_[layer]; }

  /// Numbers of a sample behind the layer that gives the fewest.
  std::int64_t narrowest() const;

  /// The layers that have begun, as a network from samples to the last one's outputs:
  /// "784 : dense 1000 | relu | dense 500 | relu".
  model::Model encoder() const;

  /// The same and the way back down to reconstructions of the samples, in the samples' own units:
  /// "784 : dense 30 | sigmoid | dense 784 | sigmoid".
  model::Model autoencoder() const;

  /// All parameters of the layers that have begun, as "layer1.weight" and so on, with what is
  /// needed to use them.
  model::TensorFile stack_file() const;

  /// Everything that it goes on from, and back. Throws Error when the state belongs to other
  /// options or data.
  model::TensorFile state() const;
  void restore(const model::TensorFile& state, std::vector<Record> history);

 private:
  void begin_layer();
  void begin_unrolled();
  /// The layers, and where they are unrolled that: what the parts of training are.
  std::size_t parts() const { return layers_.size() + (options_.unroll > 0); }
  bool layers_finished() const;

  const Options options_;
  const data::Dataset& dataset_;
  ThreadPool& threads_;
  const std::vector<LayerSpec> layers_;
  const data::Partition partition_;
  const data::Normalisation normalisation_;
  std::vector<std::unique_ptr<Rows>> rows_;
  std::vector<std::unique_ptr<LayerTrainer>> trainers_;
  std::unique_ptr<Unrolled> unrolled_;  ///< null until the layers are finished
  std::vector<Record> history_;
};

}  // namespace rectify::pretrain
