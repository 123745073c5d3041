// transpose: swaps the last two axes: (T, C) becomes (C, T). Between two transposes, dense layers
// mix the places of a sequence instead of its channels, as in MLP-Mixer.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  const Node& x = graph.input(node, 0);
  std::vector<std::int64_t> extents = x.type.shape.extents();
  if (extents.size() < 2)
    fail(where(node), " wants two axes to exchange, but '", x.label, "' gives ",
         x.type.shape.text());
  std::swap(extents[extents.size() - 1], extents[extents.size() - 2]);
  Type type = x.type;
  type.shape = Shape(std::move(extents));
  return type;
}

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  return graph.add("transpose", {input}, given, std::move(label));
}

void differentiate(const GradientContext& context) {
  context.accumulate(0, context.graph.add("transpose", {context.upstream}, {},
                                          "d_" + context.graph.node(context.node).label));
}

Cost cost(const Graph&, const Node&) { return {}; }

}  // namespace

std::span<const Operator> transpose() {
  static const Operator all[] = {{.name = "transpose",
                                  .summary = "swaps the last two axes",
                                  .infer = infer,
                                  .differentiate = differentiate,
                                  .cost = cost,
                                  .build = build,
                                  .onnx = "Transpose"}};
  return all;
}

}  // namespace rectify::graph::ops
