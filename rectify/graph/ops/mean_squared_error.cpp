// mean_squared_error: mean over the batch and the outputs of (z - t)^2. A class label is the target
// 1 for its own output and 0 for the others.

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

std::span<const Operator> mean_squared_error() {
  static const Operator all[] = {
      loss_operator("mean_squared_error", "mean of (z - t)^2"),
      loss_gradient_operator("mean_squared_error_gradient", "2 (z - t) / (batch outputs)"),
  };
  return all;
}

}  // namespace rectify::graph::ops
