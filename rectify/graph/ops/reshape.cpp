// reshape: the same numbers, in row-major order, with another shape; flatten gives a shape of one
// axis. No numbers are moved where the value may overwrite its input.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/window.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "shape",
     .initial = std::string(),
     .positional = true,
     .meaning = "shape, such as 28x28x1"},
};

Type reshaped(const Graph& graph, const Node& node) {
  Type type = graph.input(node, 0).type;
  const Shape shape = shape_attribute(node);
  if (shape.size() != type.shape.size())
    fail(where(node), " to ", shape.text(), " wants ", shape.size(), " numbers but '",
         graph.input(node, 0).label, "' gives ", type.shape.size(), " (", type.shape.text(), ")");
  type.shape = shape;
  return type;
}

Type flattened(const Graph& graph, const Node& node) {
  Type type = graph.input(node, 0).type;
  type.shape = Shape{type.shape.size()};
  return type;
}

NodeId build_reshape(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("reshape", {input}, given, std::move(label));
}
NodeId build_flatten(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("flatten", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  Graph& graph = context.graph;
  const Node node = graph.node(context.node);
  context.accumulate(
      0, graph.add("reshape", {context.upstream}, with_shape({}, graph.input(node, 0).type.shape),
                   "d_" + node.label));
}

Cost cost(const Graph&, const Node&) { return {}; }

}  // namespace

std::span<const Operator> reshape() {
  static const Operator all[] = {{.name = "reshape",
                                  .summary = "the same numbers in another shape",
                                  .attributes = attributes,
                                  .infer = reshaped,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .build = build_reshape,
                                  .in_place = true,
                                  .onnx = "Reshape"},
                                 {.name = "flatten",
                                  .summary = "the same numbers as one row",
                                  .infer = flattened,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .build = build_flatten,
                                  .in_place = true,
                                  .onnx = "Flatten"}};
  return all;
}

}  // namespace rectify::graph::ops
