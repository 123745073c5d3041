// pick: y = x[i], one row of a value that has no batch axis. It separates two gradients that one
// sweep over the batch has summed.

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "index", .initial = std::int64_t{0}, .low = 0, .high = 1 << 24, .meaning = "row"},
};

Type infer(const Graph& graph, const Node& node) {
  const Node& x = graph.input(node, 0);
  const std::int64_t index = node.attributes.integer("index");
  if (x.type.per_sample || x.type.shape.rank() != 2 || index < 0 || index >= x.type.shape[0])
    fail(where(node), " wants a value of more than ", index, " rows for the whole batch but '",
         x.label, "' gives ", x.type.shape.text());
  return {.shape = Shape{x.type.shape[1]}, .per_sample = false};
}

}  // namespace

std::span<const Operator> pick() {
  static const Operator all[] = {{.name = "pick",
                                  .summary = "y = x[i]",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .onnx = "Gather"}};
  return all;
}

}  // namespace rectify::graph::ops
