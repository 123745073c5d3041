// conv_transpose: the transposed convolution, which is the gradient of a `conv` in its images. Each
// pixel of the input adds its number times the window's weights to the places of that window in the
// result, which has (n - 1) stride + (kernel - 1) dilation + 1 places along an axis. The weight is
// kernel height x kernel width x (units / groups) x inputs. Its own gradients are a convolution and
// a convolution's gradient in the weight, in which images and places have changed sides.

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "units",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 24,
     .meaning = "output channels"},
    {.name = "kernel",
     .initial = std::string(),
     .positional = true,
     .meaning = "window, such as 3x3"},
    {.name = "stride",
     .initial = std::string("1"),
     .meaning = "how far the window moves: N or HxW"},
    {.name = "dilation", .initial = std::string("1"), .meaning = "distance of taps: N or HxW"},
    {.name = "groups",
     .initial = std::int64_t{1},
     .low = 1,
     .high = 1 << 24,
     .meaning = "parts of the channels that do not mix"},
};

/// The weight's shape, for images of that shape.
Shape weight_shape(const Graph& graph, const Node& node) {
  const Shape& x = graph.input(node, 0).type.shape;
  if (x.rank() != 3)
    fail(where(node), " wants images (height x width x channels), but '",
         graph.input(node, 0).label, "' gives ", x.text());
  const std::int64_t units = node.attributes.integer("units"),
                     groups = node.attributes.integer("groups");
  if (groups < 1 || units % groups != 0 || x.back() % groups != 0)
    fail(where(node), " cuts the channels into ", groups, " groups but '",
         graph.input(node, 0).label, "' gives ", x.back(), " channels and it has ", units,
         " units; make groups a divisor of both");
  const Window window = transposed_window(node.attributes, x);
  return Shape{window.y.size, window.x.size, units / groups, x.back()};
}

Type infer(const Graph& graph, const Node& node) {
  const Shape want = weight_shape(graph, node), &weight = graph.input(node, 1).type.shape;
  if (weight != want)
    fail(where(node), " wants weights of ", want.text(), " but '", graph.input(node, 1).label,
         "' is ", weight.text());
  const Window window = transposed_window(node.attributes, graph.input(node, 0).type.shape);
  return type_of(graph, node, Shape{window.y.in, window.x.in, node.attributes.integer("units")});
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("conv_transpose");
  const Node planned{.op = find_operator("conv_transpose"),
                     .inputs = {input},
                     .attributes = given,
                     .label = label};
  const NodeId weight = graph.add_parameter(weight_shape(graph, planned), {}, label + ".weight");
  return graph.add("conv_transpose", {input, weight}, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  Attributes convolution = node.attributes;
  convolution.set("units", graph.input(node, 0).type.shape.back());
  convolution.set("padding", std::string("valid"));
  const std::string stem = "d_" + node.label;
  context.accumulate(1, graph.add("conv_weight_gradient", {context.upstream, node.inputs[0]},
                                  convolution, stem + ".weight"));
  if (context.wanted(0))
    context.accumulate(
        0, graph.add("conv", {context.upstream, node.inputs[1]}, convolution, stem + ".input"));
}

Cost cost(const Graph& graph, const Node& node) {
  const Shape& x = graph.input(node, 0).type.shape;
  return {.forward_flops = 2.0 * static_cast<double>(x[0] * x[1]) *
                           static_cast<double>(graph.input(node, 1).type.shape.size())};
}

}  // namespace

std::span<const Operator> conv_transpose() {
  static const Operator all[] = {{.name = "conv_transpose",
                                  .summary = "the transposed convolution",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
