// constant: y = P, numbers that do not depend on the sample, as a value that other operators read.
// Forward only: it is for networks from elsewhere (docs/onnx.md).

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
};

/// The first input only says where in the network it stands.
Type infer(const Graph& graph, const Node& node) { return graph.input(node, 1).type; }

NodeId build(Graph& graph, NodeId input, const Attributes& given, std::string label) {
  if (label.empty()) label = graph.fresh_label("constant");
  const NodeId numbers =
      graph.add_parameter(parse_shape(given.word("shape")), {}, label + ".weight");
  return graph.add("constant", {input, numbers}, given, label);
}

}  // namespace

std::span<const Operator> constant() {
  static const Operator all[] = {{.name = "constant",
                                  .summary = "numbers that are the same for every sample",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .build = build}};
  return all;
}

}  // namespace rectify::graph::ops
