// absolute: y = |x|, element by element; the slope at 0 is 0. What the radius of a box of inputs is
// multiplied by in a layer is |W|: pass/interval.h.

#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type like_input(const Graph& graph, const Node& node) { return graph.input(node, 0).type; }

void differentiate(const GradientContext& context) {
  const Node node = context.graph.node(context.node);
  context.accumulate(0, context.graph.add("absolute_gradient", {context.upstream, node.inputs[0]},
                                          {}, "d_" + node.label));
}

Cost cost(const Graph&, const Node& node) {
  const auto elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = elements, .gradient_flops = elements};
}

}  // namespace

std::span<const Operator> absolute() {
  static const Operator all[] = {
      {.name = "absolute",
       .summary = "y = |x|",
       .infer = like_input,
       .differentiate = differentiate,
       .cost = cost,
       .in_place = true},
      {.name = "absolute_gradient",
       .summary = "dx = dy sign(x)",
       .infer = like_input,
       .in_place = true},
  };
  return all;
}

}  // namespace rectify::graph::ops
