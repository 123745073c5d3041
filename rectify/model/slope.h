#pragma once

#include <cstdint>
#include <span>

#include "rectify/activation/kernels.h"
#include "rectify/graph/graph.h"
#include "rectify/run/plan.h"

namespace rectify::model {

/// The derivatives of one activation's outputs in inference, after a run of a plan: its backward
/// kernel on a gradient of ones. Random activations are taken without their noise.
///
///     const Slope slope_of(plan, graph.node(id), id);
///     float slope[Slope::most];
///     slope_of(0, 0, units, slope);  // of the first sample's units
class Slope {
 public:
  static constexpr std::int64_t most = 256;  ///< derivatives of one call

  /// `id` is the activation; the plan kept its value, its input and its learned number.
  Slope(const run::Plan& plan, const graph::Node& node, graph::NodeId id);

  /// The derivatives of `count` <= most units, from `unit` on, whose elements start at `at`.
  void operator()(std::int64_t at, std::int64_t unit, std::int64_t count, float* slope) const;

 private:
  activation::Parameters p_;
  std::span<const float> numbers_;  ///< learned numbers, one a channel
  const float* saved_;
  decltype(activation::Kernels::backward_varying) varying_;
  activation::Backward plain_;
};

/// A twentieth of the largest derivative: below it an output counts as saturated. |tanh| above
/// 0.975, a sigmoid within 0.013 of 0 or 1. It is searched for on a grid, which takes a moment.
float flat_slope(const graph::Node& activation);

}  // namespace rectify::model
