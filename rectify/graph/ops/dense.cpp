// dense: y = x W + b, with W (in, out) and b (out), for each matrix row x of `in` numbers along the
// last axis. A sample may have several such rows: (T, in) becomes (T, out). ONNX calls it Gemm.

#include "rectify/base/error.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view yes_no[] = {"yes", "no"};
const AttributeSpec attributes[] = {
    {.name = "units",
     .initial = std::int64_t{0},
     .positional = true,
     .low = 1,
     .high = 1 << 24,
     .meaning = "outputs"},
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

/// The type of the same matrix rows with `last` floats each. A product of bfloat16 factors is float
/// too.
Type floats_of(const Type& rows, std::int64_t last) {
  Type type = with_last_extent(rows, last);
  type.element = Element::float32;
  return type;
}

Type infer(const Graph& graph, const Node& node) {
  const Type& x = graph.input(node, 0).type;
  const Shape& weight = graph.input(node, 1).type.shape;
  if (x.shape.rank() == 0 || x.shape.back() != weight[0])
    fail(where(node), " wants ", weight[0], " inputs but '", graph.input(node, 0).label, "' gives ",
         x.shape.text());
  return floats_of(x, weight[1]);
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("dense");
  const std::int64_t from = last_extent(graph, input);
  const std::int64_t units = given.integer("units");
  if (from > (std::int64_t{1} << 36) / units)
    fail("dense '", label, "': ", from, " x ", units, " weights are too many (2^36 at most)");
  Attributes weight;
  weight.set("init", given.word("init"));
  weight.set("gain", given.number("gain"));
  std::vector<NodeId> inputs = {input};
  inputs.push_back(graph.add_parameter(Shape{from, units}, weight, label + ".weight"));
  if (given.word("bias") == "yes")
    inputs.push_back(graph.add_parameter(Shape{units}, {}, label + ".bias"));
  return graph.add("dense", inputs, given, label);
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);  // a copy: adding nodes moves them
  const std::string stem = "d_" + node.label;
  context.accumulate(1, graph.add("dense_weight_gradient", {node.inputs[0], context.upstream}, {},
                                  stem + ".weight"));
  if (node.inputs.size() > 2)
    context.accumulate(2, graph.add("dense_bias_gradient", {context.upstream}, {}, stem + ".bias"));
  if (context.wanted(0))
    context.accumulate(0, graph.add("dense_input_gradient", {context.upstream, node.inputs[1]}, {},
                                    stem + ".input"));
}

Cost cost(const Graph& graph, const Node& node) {
  const double outputs = static_cast<double>(node.type.shape.size());
  const double product = 2 * outputs * static_cast<double>(last_extent(graph, node, 0));
  const bool input_gradient = graph.input(node, 0).op->name != "input";
  const double bias = node.inputs.size() > 2 ? outputs : 0.0;
  return {.forward_flops = product + bias,
          .gradient_flops = product * (input_gradient ? 2 : 1) + bias};
}

Type input_gradient_type(const Graph& graph, const Node& node) {
  return floats_of(graph.input(node, 0).type, graph.input(node, 1).type.shape[0]);
}
Type weight_gradient_type(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 0), last_extent(graph, node, 1)},
          .per_sample = false};
}
Type bias_gradient_type(const Graph& graph, const Node& node) {
  return {.shape = Shape{last_extent(graph, node, 0)}, .per_sample = false};
}

}  // namespace

std::span<const Operator> dense() {
  static const Operator all[] = {
      {.name = "dense",
       .summary = "y = x W + b",
       .attributes = attributes,
       .infer = infer,
       .differentiate = differentiate,
       .cost = cost,
       .build = build,
       .factors = 2,
       .layer = true,
       .onnx = "Gemm"},
      {.name = "dense_input_gradient",
       .summary = "dx = dy W^T",
       .infer = input_gradient_type,
       .factors = 2},
      {.name = "dense_weight_gradient",
       .summary = "dW = x^T dy",
       .infer = weight_gradient_type,
       .factors = 2},
      {.name = "dense_bias_gradient", .summary = "db = sum of dy", .infer = bias_gradient_type},
  };
  return all;
}

}  // namespace rectify::graph::ops
