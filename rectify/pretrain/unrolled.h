#pragma once

#include <memory>
#include <optional>
#include <span>
#include <string>

#include "rectify/base/progress.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/pretrain/layer_trainer.h"
#include "rectify/pretrain/options.h"
#include "rectify/pretrain/record.h"
#include "rectify/pretrain/rows.h"
#include "rectify/train/step.h"

namespace rectify::pretrain {

using Layers = std::span<const std::unique_ptr<LayerTrainer>>;

/// The way up through the layers as one network: "784 : dense 500 | sigmoid | dense 30 | identity".
model::Model way_up(Layers layers);

/// The way up and down again, each layer turned round by its decoder: "784 : dense 30 | sigmoid |
/// dense 784 | sigmoid". Its answers are reconstructions of its inputs. Hinton & Salakhutdinov
/// 2006.
model::Model way_up_and_down(Layers layers);

/// Fine-tunes such a network of both ways to reproduce samples. Its encoder and decoder no longer
/// share weights.
class Unrolled {
 public:
  /// `layers`: the finished ones. All references must outlive it; `layers` is read only here.
  Unrolled(Layers layers, const Rows& samples, std::span<const std::uint32_t> train,
           std::span<const std::uint32_t> watched, const Options& options, ThreadPool& threads);
  Unrolled(const Unrolled&) = delete;
  Unrolled& operator=(const Unrolled&) = delete;

  bool finished() const { return epoch_ >= options_.epochs; }
  int epoch() const { return epoch_; }

  /// Nothing when `stop` said so. Throws train::NonFinite.
  std::optional<Record> train_epoch(const ProgressCallback& progress, const StopCallback& stop);

  /// Both ways, or the way up alone.
  model::Model network() const;
  model::Model encoder() const;

  void put_state(model::TensorFile& file, const std::string& prefix) const;
  void take_state(const model::TensorFile& file, const std::string& prefix);

 private:
  void judge(Record& record);

  const std::string up_, both_;  ///< the networks as text
  const Rows& rows_;
  std::span<const std::uint32_t> train_, watched_;
  const train::Options options_;
  ThreadPool& threads_;
  const train::Objective objective_;
  const run::ParameterLayout layout_;
  Buffer parameters_;
  std::unique_ptr<train::Feed> feed_;
  std::unique_ptr<train::Step> step_;
  int epoch_ = 0;
};

}  // namespace rectify::pretrain
