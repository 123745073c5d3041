#pragma once

#include <vector>

#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu {

/// The prediction and target of a sample, or of one of its rows where it has several. Exactly one
/// kind of target is there: a class, or `values`.
struct Sample {
  const float* z;  ///< outputs
  std::int64_t outputs;
  std::int32_t label;
  const float* values;  ///< null when the target is a class
  float smoothing = 0;  ///< of softmax_cross_entropy

  /// The target of output j: a number, or 1 for the class's own output and 0 elsewhere. With one
  /// output, a class is its own target: 0 or 1.
  float target(std::int64_t j) const {
    if (values) return values[j];
    if (outputs == 1) return static_cast<float>(label);
    return j == label ? 1.0f : 0.0f;
  }
};

/// A sample's loss; and its gradient times `scale` (1 / rows), written to dz.
using SampleLoss = double (*)(const Sample& sample);
using SampleGradient = void (*)(const Sample& sample, float scale, float* dz);

/// Steps that apply these to a batch: the value is the mean of the samples' losses, summed in
/// double over fixed groups of samples, in order.
Step loss_step(const Lowering& lowering, SampleLoss loss);
Step loss_gradient_step(const Lowering& lowering, SampleGradient gradient);

}  // namespace rectify::run::cpu
