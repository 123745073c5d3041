// mean_squared_error: the mean of (z - t)^2 over the batch and the outputs. For a class label, the
// target t is 1 for the label's own output and 0 for the others.

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
