// gather: y = a[.., i, ..], the parts of `a` along one axis that the numbers i name; the axes of i
// take the place of that axis. An i below 0 counts from the end; one that names nothing gives NaN.
// Forward only: it is for networks from elsewhere (docs/onnx.md).

#include "rectify/base/error.h"
#include "rectify/graph/lists.h"
#include "rectify/graph/operator.h"

namespace rectify::graph::ops {

namespace {

const AttributeSpec attributes[] = {
    {.name = "axis", .initial = std::int64_t{0}, .low = 0, .high = 63, .meaning = "axis of a"},
};

Type infer(const Graph& graph, const Node& node) {
  check_joined(node, 2, 2);
  std::vector<std::int64_t> extents = graph.input(node, 0).type.shape.extents();
  const std::vector<std::int64_t>& indices = graph.input(node, 1).type.shape.extents();
  const std::int64_t axis = node.attributes.integer("axis");
  if (axis < 0 || axis >= static_cast<std::int64_t>(extents.size()))
    fail(where(node), " has the axis ", axis, " but '", graph.input(node, 0).label, "' has ",
         extents.size());
  extents.erase(extents.begin() + axis);
  extents.insert(extents.begin() + axis, indices.begin(), indices.end());
  return type_of(graph, node, Shape(std::move(extents)));
}

}  // namespace

std::span<const Operator> gather() {
  static const Operator all[] = {{.name = "gather",
                                  .summary = "the parts of a value that numbers name",
                                  .attributes = attributes,
                                  .infer = infer,
                                  .joins = true}};
  return all;
}

}  // namespace rectify::graph::ops
