#pragma once

#include <span>
#include <vector>

#include "rectify/base/thread_pool.h"
#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/train/options.h"

namespace rectify::diagnose {

/// A few steps at one learning rate, from the initial weights.
struct RateTrial {
  double rate = 0;
  double loss = 0;  ///< at the end: mean over the last fifth of the steps; infinite if it broke
};

/// A learning-rate range test: short trainings at rates around the one that was asked for, or as
/// far from it as there is something to learn, which all start from the same weights and see the
/// same batches. The rate rises over the first half of a trial and stays (Smith 2017, "Cyclical
/// learning rates", section 3.3, lets one training pass through all rates; separate ones cannot
/// spoil each other).
struct RateTest {
  std::vector<RateTrial> trials;  ///< ascending by rate, a factor of sqrt(10) apart
  double asked = 0;               ///< the options' own rate, one of the trials
  double loss_before = 0;         ///< of the initial weights on the same batches
  int steps = 0;                  ///< of a trial; 0: the network is too large for a test

  bool made() const { return !trials.empty(); }
  const RateTrial& at_asked() const;
  /// The trial of the lowest loss; of losses within 2 % of it, the lowest rate.
  const RateTrial& best() const;
  /// The lowest rate at which the loss ends above where it began; infinite if none.
  double limit() const;
};

/// Trains `model`, a copy of it for each trial, on the training samples with the numbers `rows` as
/// `options` say. The same bits for any number of threads.
RateTest test_rates(const model::Model& model, const train::Options& options,
                    const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    ThreadPool& threads);

/// Whether the network can learn a few samples by heart.
struct SmallFit {
  std::size_t samples = 0;  ///< 0: not tried
  int steps = 0;
  double loss_before = 0, loss_after = 0;
};

/// Trains a copy of `model` on 16 samples, by adam at its usual rate, without decay.
SmallFit fit_few(const model::Model& model, const train::Options& options,
                 const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                 ThreadPool& threads);

}  // namespace rectify::diagnose
