// mean_absolute_error: the mean of |z - t| over the batch and the outputs. Its gradient is 0 where z
// is t.

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

std::span<const Operator> mean_absolute_error() {
  static const Operator all[] = {
      loss_operator("mean_absolute_error", "mean of |z - t|"),
      loss_gradient_operator("mean_absolute_error_gradient", "sign(z - t) / (batch outputs)"),
  };
  return all;
}

}  // namespace rectify::graph::ops
