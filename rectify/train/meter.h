#pragma once

#include <cstdint>
#include <span>
#include <vector>

#include "rectify/data/dataset.h"
#include "rectify/model/model.h"
#include "rectify/run/plan.h"
#include "rectify/train/objective.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/records.h"

namespace rectify::train {

/// Adds up what an epoch's record says of training: loss and error of each batch, and the norms of
/// the weights' gradients of the steps that tell them.
class Meter {
 public:
  /// Of steps of `objective`, which is `model` supervised by the training split of `dataset`. All
  /// references must outlive it.
  Meter(const Objective& objective, const model::Model& model, const data::Dataset& dataset);

  void begin_epoch();
  void add_batch(const run::Plan& plan, std::span<const std::uint32_t> samples);
  void add_norms(const GradientNorms& norms);

  /// Means over the epoch so far; the error of a regression is a root of a mean square.
  void put_into(EpochRecord& record) const;

 private:
  const Objective& objective_;
  const model::Model& model_;
  const data::Dataset& dataset_;
  std::vector<std::size_t> weights_;  ///< slots of parameters of two axes or more
  double loss_ = 0, error_ = 0, ratio_ = 0;
  std::vector<double> gradients_, updates_;
  std::size_t samples_ = 0, steps_with_norms_ = 0, steps_with_updates_ = 0;
};

}  // namespace rectify::train
