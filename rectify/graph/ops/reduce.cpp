// reduce: one number of the elements along some axes, which keep the extent 1: their sum, mean,
// largest, where the first of the largest is, ... Forward only: it is for networks from elsewhere
// (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/functions.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "function",
     .initial = std::string(),
     .positional = true,
     .choices = reductions,
     .meaning = "number, such as mean"},
    {.name = "axes", .initial = std::string(), .meaning = "the axes that become one: 0,2"},
};

Type infer(const Graph& graph, const Node& node) {
  std::vector<std::int64_t> extents = graph.input(node, 0).type.shape.extents();
  for (const std::int64_t axis : list_attribute(node, "axes")) {
    if (axis < 0 || axis >= static_cast<std::int64_t>(extents.size()))
      fail(where(node), " has an axis ", axis, " but '", graph.input(node, 0).label, "' has ",
           extents.size());
    extents[static_cast<std::size_t>(axis)] = 1;
  }
  return type_of(graph, node, Shape(std::move(extents)));
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("reduce", {input}, given, std::move(label));
}

Cost cost(const Graph& graph, const Node& node) {
  return {.forward_flops = static_cast<double>(graph.input(node, 0).type.shape.size())};
}

}  // namespace

std::span<const Operator> reduce() {
  static const Operator all[] = {{.name = "reduce",
                                  .summary = "one number of the elements along some axes",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .cost = cost,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
