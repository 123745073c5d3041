// sigmoid_cross_entropy: the mean over the batch of the sum over the outputs of softplus(z) - t z.
// It is for two classes with one output, or for several yes-or-no targets. For a class label, the
// target t is 1 for the label's own output.

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

std::span<const Operator> sigmoid_cross_entropy() {
  static const Operator all[] = {
      loss_operator("sigmoid_cross_entropy", "yes or no for every output, from logits"),
      loss_gradient_operator("sigmoid_cross_entropy_gradient", "(sigmoid(z) - t) / batch"),
  };
  return all;
}

}  // namespace rectify::graph::ops
