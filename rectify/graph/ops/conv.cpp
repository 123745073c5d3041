// conv: y[i, j, o] = b[o] + the sum of x w over the window's taps and the channels of o's group.
// The last axis of the images holds the channels. The weight is kernel height x kernel width x
// (inputs / groups) x units; output o belongs to group o / (units / groups). ONNX calls it Conv.

#include "rectify/base/error.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view yes_no[] = {"yes", "no"};
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
    {.name = "padding", .initial = std::string("same"), .meaning = "same, valid, N or HxW"},
    {.name = "dilation", .initial = std::string("1"), .meaning = "distance of taps: N or HxW"},
    {.name = "groups",
     .initial = std::int64_t{1},
     .low = 1,
     .high = 1 << 24,
     .meaning = "parts of the channels that do not mix"},
    {.name = "bias", .initial = std::string("yes"), .choices = yes_no, .meaning = "add a bias"},
    {.name = "init",
     .initial = std::string("auto"),
     .choices = initialiser_names,
     .meaning = "how the weights are drawn"},
    {.name = "gain",
     .initial = 1.0,
     .low = 0,
     .high = 1e6,
     .meaning = "factor on the drawn weights"},
};

/// The weight's shape: kernel height x kernel width x (inputs / groups) x units.
Shape weight_shape(const Graph& graph, const Node& node) {
  const Window window = window_over(graph, node);
  const std::int64_t inputs = image_of(graph, node).back();
  const std::int64_t units = node.attributes.integer("units"),
                     groups = node.attributes.integer("groups");
  if (groups < 1 || inputs % groups != 0 || units % groups != 0)
    fail(where(node), " cuts the channels into ", groups, " groups but '",
         graph.input(node, 0).label, "' gives ", inputs, " channels and it has ", units,
         " units; make groups a divisor of both");
  const double weights = static_cast<double>(window.y.size) * static_cast<double>(window.x.size) *
                         static_cast<double>(inputs / groups) * static_cast<double>(units);
  if (weights > 0x1p36)
    fail(where(node), ": ", window.y.size, "x", window.x.size, "x", inputs / groups, "x", units,
         " weights are too many (2^36 at most)");
  return Shape{window.y.size, window.x.size, inputs / groups, units};
}

Type infer(const Graph& graph, const Node& node) {
  const Shape want = weight_shape(graph, node);
  const Shape& weight = graph.input(node, 1).type.shape;
  if (weight != want)
    fail(where(node), " wants weights of ", want.text(), " but '", graph.input(node, 1).label,
         "' is ", weight.text());
  return image_type(node, window_over(graph, node), want.back());
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("conv");
  const Node planned{
      .op = find_operator("conv"), .inputs = {input}, .attributes = given, .label = label};
  const Shape shape = weight_shape(graph, planned);
  Attributes weight;
  weight.set("init", given.word("init"));
  weight.set("gain", given.number("gain"));
  weight.set("groups", given.integer("groups"));
  std::vector<NodeId> inputs = {input};
  inputs.push_back(graph.add_parameter(shape, weight, label + ".weight"));
  if (given.word("bias") == "yes")
    inputs.push_back(graph.add_parameter(Shape{shape.back()}, {}, label + ".bias"));
  return graph.add("conv", inputs, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  context.accumulate(1, graph.add("conv_weight_gradient", {node.inputs[0], context.upstream},
                                  node.attributes, stem + ".weight"));
  if (node.inputs.size() > 2)
    context.accumulate(2, graph.add("conv_bias_gradient", {context.upstream}, {}, stem + ".bias"));
  if (context.wanted(0))
    context.accumulate(0, graph.add("conv_input_gradient", {context.upstream, node.inputs[1]},
                                    with_shape(node.attributes, graph.input(node, 0).type.shape),
                                    stem + ".input"));
}

/// The operations of one product for one sample: each weight is used at each place of `y`. The
/// forward pass and both gradients are products of the same size.
double product_flops(const Type& y, const Type& weight) {
  return 2.0 * static_cast<double>(y.shape[0] * y.shape[1]) *
         static_cast<double>(weight.shape.size());
}

Cost cost(const Graph& graph, const Node& node) {
  const double product = product_flops(node.type, graph.input(node, 1).type);
  const bool input_gradient = graph.input(node, 0).op->name != "input";
  const double bias = node.inputs.size() > 2 ? static_cast<double>(node.type.shape.size()) : 0.0;
  return {.forward_flops = product + bias,
          .gradient_flops = product * (input_gradient ? 2 : 1) + bias};
}

Cost input_gradient_cost(const Graph& graph, const Node& node) {
  return {.forward_flops = product_flops(graph.input(node, 0).type, graph.input(node, 1).type)};
}
Cost weight_gradient_cost(const Graph& graph, const Node& node) {
  return {.forward_flops = product_flops(graph.input(node, 1).type, node.type)};
}

Type input_gradient_type(const Graph&, const Node& node) {
  return {.shape = shape_attribute(node)};
}
Type weight_gradient_type(const Graph& graph, const Node& node) {
  return {.shape = weight_shape(graph, node), .per_sample = false};
}
Type bias_gradient_type(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false};
}

}  // namespace

std::span<const Operator> conv() {
  static const Operator all[] = {
      {.name = "conv",
       .summary = "y = b + sum over a window of x w",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .factors = 2,
       .layer = true,
       .onnx = "Conv"},
      {.name = "conv_input_gradient",
       .summary = "dx = sum over the windows of dy w",
       .infer = input_gradient_type,
       .cost = input_gradient_cost,
       .factors = 2},
      {.name = "conv_weight_gradient",
       .summary = "dw = sum over samples and places of x dy",
       .infer = weight_gradient_type,
       .cost = weight_gradient_cost,
       .factors = 2},
      {.name = "conv_bias_gradient",
       .summary = "db = sum over samples and places of dy",
       .infer = bias_gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
