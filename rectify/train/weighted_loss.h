#pragma once

#include <cstdint>
#include <map>
#include <memory>
#include <span>
#include <vector>

#include "rectify/model/model.h"
#include "rectify/run/plan.h"

namespace rectify::train {

/// The loss of a network where each sample counts as its class weighs: what training with class
/// weights makes small, but as an evaluation measures it, without dropout and label smoothing.
class WeightedLoss {
 public:
  /// `parameters` have the layout of the model and are read at every call. `weights` are those of
  /// the classes (class_weights.h). All references must outlive it.
  WeightedLoss(const model::Model& model, float* parameters, const data::Dataset& dataset,
               std::vector<float> weights, ThreadPool& threads);

  /// The mean over `samples` of `split` of the loss times the weight.
  double of(const data::Split& split, std::span<const std::uint32_t> samples);

 private:
  run::Plan& plan_for(std::int64_t batch);

  const model::Model& model_;
  float* parameters_;
  const data::Dataset& dataset_;
  std::vector<float> weights_;
  ThreadPool& threads_;
  graph::Graph graph_;
  graph::NodeId loss_;
  std::map<std::int64_t, std::unique_ptr<run::Plan>> plans_;
};

}  // namespace rectify::train
