// arrange: y[i, j, ...] = x[offset + i strides[0] + j strides[1] + ...], where x is taken as one
// row of numbers. So axes are permuted, cut, turned round, taken in steps and repeated. Forward
// only: it is for networks from elsewhere (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "shape",
     .initial = std::string(),
     .positional = true,
     .meaning = "shape, such as 3x4"},
    {.name = "strides",
     .initial = std::string(),
     .meaning = "for each axis, how far apart its elements are in the input: 1,3"},
    {.name = "offset",
     .initial = std::int64_t{0},
     .low = 0,
     .high = 0x1p40,
     .meaning = "where the first element is in the input"},
};

Type infer(const Graph& graph, const Node& node) {
  const Shape shape = parse_shape(node.attributes.word("shape"));
  const std::vector<std::int64_t> strides = list_attribute(node, "strides");
  if (strides.size() != shape.rank())
    fail(where(node), " has ", strides.size(), " strides for the ", shape.rank(), " axes of ",
         shape.text());
  const double size = static_cast<double>(graph.input(node, 0).type.shape.size());
  double low = static_cast<double>(node.attributes.integer("offset")), high = low;
  for (std::size_t i = 0; i < strides.size(); ++i) {
    const double reach = static_cast<double>(strides[i]) * static_cast<double>(shape[i] - 1);
    (reach < 0 ? low : high) += reach;
  }
  if (low < 0 || high >= size)
    fail(where(node), " reads the elements ", low, " to ", high, " but '",
         graph.input(node, 0).label, "' has ", size);
  return type_of(graph, node, shape);
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("arrange", {input}, given, std::move(label));
}

}  // namespace

std::span<const Operator> arrange() {
  static const Operator all[] = {{.name = "arrange",
                                  .summary = "elements in another order, some of them or again",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
