// softmax_cross_entropy: the mean over all rows of the batch of log(sum exp z) - z[label], for one
// class out of several. With `smoothing` e, every target t becomes (1 - e) t + e / classes: Szegedy
// et al. 2016, section 7.

#include <array>

#include "rectify/graph/loss.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "smoothing",
     .initial = 0.0,
     .low = 0,
     .high = 1,
     .meaning = "share of each target that goes to all classes equally"},
};

Cost cost(const Graph& graph, const Node& node) {
  const double outputs = static_cast<double>(graph.input(node, 0).type.shape.size());
  const double smoothing = node.attributes.number("smoothing") > 0 ? outputs : 0;
  return {.forward_flops = 3 * outputs + smoothing, .gradient_flops = 2 * outputs + smoothing};
}

}  // namespace

std::span<const Operator> softmax_cross_entropy() {
  static const auto all = [] {
    std::array<Operator, 2> operators = {
        loss_operator("softmax_cross_entropy", "one class of several, from logits"),
        loss_gradient_operator("softmax_cross_entropy_gradient", "(softmax(z) - target) / batch"),
    };
    for (Operator& op : operators) op.attributes = attributes;
    operators[0].cost = cost;
    return operators;
  }();
  return all;
}

}  // namespace rectify::graph::ops
