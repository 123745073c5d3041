#pragma once

#include "rectify/data/dataset.h"
#include "rectify/data/images/augment.h"
#include "rectify/run/plan.h"

namespace rectify::train {

/// mixup (Zhang et al. 2018, "mixup: Beyond empirical risk minimization", eq. 1): a training sample
/// x with target y is replaced by share x + (1 - share) x' and share y + (1 - share) y', where x'
/// is its partner, another sample of the epoch. Shares are drawn from Beta(alpha, alpha), one a
/// sample. The sample itself gets the larger one of share and 1 - share, so that its label stays
/// the main one; over all pairs this changes nothing. Partners and shares are addressed by (seed,
/// epoch, sample).
class Mixup {
 public:
  /// For data with classes. `samples`: the training samples. All references must outlive it.
  Mixup(double alpha, std::uint64_t seed, const data::Dataset& dataset,
        std::span<const std::uint32_t> samples, ThreadPool& threads);

  /// Chooses the partners: each sample is the partner of exactly one sample.
  void begin_epoch(std::uint32_t epoch);
  std::uint32_t partner(std::uint32_t sample) const { return partners_[sample]; }
  double share(std::uint32_t sample) const;  ///< [1/2, 1]

  /// Copies mixed samples and their targets, one number an output, into the inputs of a plan.
  /// `augmenter`, unless it is null, is applied to each sample before it is mixed.
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
