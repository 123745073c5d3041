#pragma once

#include <map>
#include <memory>

#include "rectify/model/model.h"
#include "rectify/run/plan.h"
#include "rectify/train/certify/certified_feed.h"

namespace rectify::train {

/// Counts the samples whose answer interval bounds do not prove: wrong ones, and those that may be
/// changed by at most eps in each number to get another answer. The bounds are computed in float32
/// without an account of rounding, so this is a figure for training; `rectify verify` proves.
class CertifiedError {
 public:
  /// `parameters` have the layout of the model and are read at every call. All references must
  /// outlive it.
  CertifiedError(const model::Model& model, float* parameters, const data::Dataset& dataset,
                 double eps, ThreadPool& threads, double share = 1);

  /// The share of `samples` of `split`, [0, 1]; NaN where there are none.
  double of(const data::Split& split, std::span<const std::uint32_t> samples);

 private:
  run::Plan& plan_for(std::int64_t batch);

  const model::Model& model_;
  float* parameters_;
  const data::Dataset& dataset_;
  double eps_;
  ThreadPool& threads_;
  BoxFeed boxes_;
  graph::Graph graph_;
  graph::NodeId margins_;
  std::map<std::int64_t, std::unique_ptr<run::Plan>> plans_;
};

}  // namespace rectify::train
