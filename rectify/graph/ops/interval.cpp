// interval_centre, interval_radius: where an activation takes an interval, given and told by centre
// and radius. For a row f that never falls, the interval [c - r, c + r] becomes the one from
// f(c - r) to f(c + r), so that
//
//     centre: (f(c + r) + f(c - r)) / 2        radius: (f(c + r) - f(c - r)) / 2
//
// Their gradients share two operators: with the slopes at both ends, the mean of the slopes is the
// derivative of the centre in c and of the radius in r, and half their difference is that of the
// centre in r and of the radius in c.

#include "rectify/base/error.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type checked(const Graph& graph, const Node& node, std::size_t first) {
  const Node &a = graph.input(node, first), &b = graph.input(node, first + 1);
  if (a.type != b.type)
    fail(where(node), " wants a centre and a radius of equal shapes but '", a.label, "' gives ",
         a.type.shape.text(), " and '", b.label, "' gives ", b.type.shape.text());
  activation_row(node);
  return a.type;
}

Type infer(const Graph& graph, const Node& node) { return checked(graph, node, 0); }
Type infer_gradient(const Graph& graph, const Node& node) { return checked(graph, node, 1); }

template <bool is_centre>
void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  for (const std::size_t input : {std::size_t{0}, std::size_t{1}}) {
    if (!context.wanted(input)) continue;
    const bool mean = (input == 0) == is_centre;
    context.accumulate(
        input, graph.add(mean ? "interval_mean_gradient" : "interval_difference_gradient",
                         {context.upstream, node.inputs[0], node.inputs[1]}, node.attributes,
                         concat("d_", node.label, input == 0 ? ".centre" : ".radius")));
  }
}

Cost cost(const Graph&, const Node& node) {
  const auto elements = static_cast<double>(node.type.shape.size());
  return {.forward_flops = 6 * elements, .gradient_flops = 12 * elements};
}

}  // namespace

std::span<const Operator> interval() {
  static const Operator all[] = {
      {.name = "interval_centre",
       .summary = "(f(c + r) + f(c - r)) / 2, f a row of the activation family",
       .attributes = row_attribute(),
       .infer = infer,
       .differentiate = differentiate<true>,
       .cost = cost},
      {.name = "interval_radius",
       .summary = "(f(c + r) - f(c - r)) / 2, f a row of the activation family",
       .attributes = row_attribute(),
       .infer = infer,
       .differentiate = differentiate<false>,
       .cost = cost},
      {.name = "interval_mean_gradient",
       .summary = "dy (f'(c + r) + f'(c - r)) / 2",
       .attributes = row_attribute(),
       .infer = infer_gradient},
      {.name = "interval_difference_gradient",
       .summary = "dy (f'(c + r) - f'(c - r)) / 2",
       .attributes = row_attribute(),
       .infer = infer_gradient},
  };
  return all;
}

}  // namespace rectify::graph::ops
