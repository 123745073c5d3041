// huber: the mean over the batch and the outputs of h(z - t) (Huber 1964), where h(d) = d^2 / 2 up to
// |d| = 1 and |d| - 1/2 beyond. Targets are scaled to deviation 1, so errors above one deviation
// count as in mean_absolute_error, and smaller ones as in mean_squared_error.

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

std::span<const Operator> huber() {
  static const Operator all[] = {
      loss_operator("huber", "squared error up to 1, absolute error beyond"),
      loss_gradient_operator("huber_gradient", "(z - t, between -1 and 1) / (batch outputs)"),
  };
  return all;
}

}  // namespace rectify::graph::ops
