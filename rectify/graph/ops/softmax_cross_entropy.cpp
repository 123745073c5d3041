// softmax_cross_entropy: mean over the batch of log(sum exp z) - z[label]; for one class of
// several.

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

std::span<const Operator> softmax_cross_entropy() {
  static const Operator all[] = {
      loss_operator("softmax_cross_entropy", "one class of several, from logits"),
      loss_gradient_operator("softmax_cross_entropy_gradient",
                             "(softmax(z) - onehot(label)) / batch"),
  };
  return all;
}

}  // namespace rectify::graph::ops
