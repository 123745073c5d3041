// pad: the value with more elements before and after along each axis: a number, or what `mode` says
// of the elements there are. Forward only: it is for networks from elsewhere (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

constexpr std::string_view modes[] = {"constant", "edge", "reflect", "wrap"};
const AttributeSpec attributes[] = {
    {.name = "before",
     .initial = std::string(),
     .meaning = "elements before, along each axis: 0,1,1"},
    {.name = "after",
     .initial = std::string(),
     .meaning = "elements after, along each axis: 0,1,1"},
    {.name = "mode",
     .initial = std::string("constant"),
     .choices = modes,
     .meaning = "what they are"},
    {.name = "value",
     .initial = 0.0,
     .low = -1e39,
     .high = 1e39,
     .meaning = "the number that they are"},
};

Type infer(const Graph& graph, const Node& node) {
  const std::vector<std::int64_t> before = list_attribute(node, "before"),
                                  after = list_attribute(node, "after");
  std::vector<std::int64_t> extents = graph.input(node, 0).type.shape.extents();
  if (before.size() != extents.size() || after.size() != extents.size())
    fail(where(node), " has ", before.size(), " and ", after.size(), " numbers for ",
         extents.size(), " axes");
  constexpr std::int64_t most = std::int64_t{1} << 30;
  const bool inside = node.attributes.word("mode") == "reflect";
  for (std::size_t i = 0; i < extents.size(); ++i) {
    const std::int64_t reach = inside ? extents[i] - 1 : most;
    if (before[i] < 0 || after[i] < 0 || before[i] > reach || after[i] > reach)
      fail(where(node), " pads by ", before[i], " and ", after[i], " along axis ", i, "; 0 to ",
           reach, " is possible");
    extents[i] += before[i] + after[i];
  }
  return type_of(graph, node, Shape(std::move(extents)));
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("pad", {input}, given, std::move(label));
}

}  // namespace

std::span<const Operator> pad() {
  static const Operator all[] = {{.name = "pad",
                                  .summary = "more elements at the ends of axes",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
