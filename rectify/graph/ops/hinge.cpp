// hinge: the mean over the batch of the sum over the wrong classes j of max(0, 1 + z[j] - z[label])
// (Weston & Watkins 1999). With one output it is max(0, 1 - t z), t = -1 or 1 (Cortes & Vapnik
// 1995).

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

std::span<const Operator> hinge() {
  static const Operator all[] = {
      loss_operator("hinge", "margin between the right class and the others"),
      loss_gradient_operator("hinge_gradient", "minus and plus the active margins / batch"),
  };
  return all;
}

}  // namespace rectify::graph::ops
