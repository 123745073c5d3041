#pragma once

#include "rectify/data/dataset.h"
#include "rectify/data/images/augment.h"
#include "rectify/run/plan.h"

namespace rectify::train {

/// mixup (Zhang et al. 2018, "mixup: Beyond empirical risk minimization", eq. 1): every training
/// sample x, with its target y, enters as share x + (1 - share) x' and share y + (1 - share) y'
/// with another sample of the epoch. Shares are drawn from Beta(alpha, alpha), one a sample, and
/// the larger one of share and 1 - share is the sample's own, which changes nothing over all pairs,
/// so that its label stays the one to be told. Partners and shares are addressed by (seed, epoch,
/// sample).
class Mixup {
 public:
  /// For class targets alone. `samples`: the training samples; all references must outlive it.
  Mixup(double alpha, std::uint64_t seed, const data::Dataset& dataset,
        std::span<const std::uint32_t> samples, ThreadPool& threads);

  /// Chooses the partners: each sample is the partner of one.
  void begin_epoch(std::uint32_t epoch);
  std::uint32_t partner(std::uint32_t sample) const { return partners_[sample]; }
  double share(std::uint32_t sample) const;  ///< [1/2, 1]

  /// Copies mixed samples and their targets, a number for each output, into a plan's inputs.
  /// `augmenter`, if any, varies each sample before it is mixed.
  void fill(run::Plan& plan, const graph::Graph& graph, std::span<const std::uint32_t> samples,
            const data::Normalisation& normalisation, const data::Augmenter* augmenter);

 private:
  void mix_targets(std::uint32_t sample, float part, std::span<float> targets) const;

  double alpha_;
  std::uint64_t seed_;
  const data::Dataset& dataset_;
  std::span<const std::uint32_t> samples_;
  ThreadPool& threads_;
  std::uint32_t epoch_ = 0;
  std::vector<std::uint32_t> partners_;      ///< by sample of the training split
  std::vector<std::vector<float>> passing_;  ///< partners' features, for each thread
};

}  // namespace rectify::train
