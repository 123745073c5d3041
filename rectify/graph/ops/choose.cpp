// choose: y = c is not 0 ? a : b, element by element; axes of extent 1 are repeated. Forward only:
// it is for networks from elsewhere (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 3, 3);
  const auto shape = [&](std::size_t i) { return graph.input(node, i).type.shape; };
  return type_of(graph, node, broadcast(node, shape(0), broadcast(node, shape(1), shape(2))));
}

}  // namespace

std::span<const Operator> choose() {
  static const Operator all[] = {
      {.name = "choose", .summary = "y = c ? a : b", .infer = infer, .joins = true}};
  return all;
}

}  // namespace rectify::graph::ops
