// sigmoid_cross_entropy: mean over the batch of the sum over outputs of softplus(z) - t z; two
// classes from one output, or several yes-or-no targets. A class label is the target 1 for its own
// output.

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
