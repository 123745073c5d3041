// Operators that put the same numbers in another order.

#include "rectify/graph/lists.h"
#include "rectify/verify/rule.h"

namespace rectify::verify::ops {

namespace {

/// Number i of the value is number from(i) of the input.
template <class From>
std::size_t in_order(Lowering& lowering, const graph::Node& node, From&& from) {
  std::vector<Entry> entries;
  for (std::size_t i = 0; i < Lowering::width(node); ++i)
    entries.push_back({static_cast<std::uint32_t>(from(i)), static_cast<std::uint32_t>(i), 1});
  const std::size_t source = lowering.layer_of(node);
  return lowering.add_affine(node, source,
                             Matrix::of_entries(lowering.network().layers[source].width,
                                                Lowering::width(node), std::move(entries)),
                             {}, 0);
}

std::size_t transpose(Lowering& lowering, const graph::Node& node) {
  const auto columns = static_cast<std::size_t>(lowering.shape(node, 0).back()),
             rows = static_cast<std::size_t>(node.type.shape.back());
  // Element (column, row) of each matrix of the value is (row, column) of the input.
  return in_order(lowering, node, [&](std::size_t i) {
    const std::size_t matrix = i / (rows * columns), column = i / rows % columns, row = i % rows;
    return (matrix * rows + row) * columns + column;
  });
}

std::size_t arrange(Lowering& lowering, const graph::Node& node) {
  const std::vector<std::int64_t> strides = graph::list_attribute(node, "strides");
  const Shape& shape = node.type.shape;
  return in_order(lowering, node, [&](std::size_t i) {
    std::int64_t from = node.attributes.integer("offset"), rest = static_cast<std::int64_t>(i);
    for (std::size_t axis = shape.rank(); axis-- > 0; rest /= shape[axis])
      from += rest % shape[axis] * strides[axis];
    return from;
  });
}

}  // namespace

std::span<const Rule> arrange() {
  static const Rule all[] = {{.op = "transpose", .lower = transpose},
                             {.op = "arrange", .lower = arrange}};
  return all;
}

}  // namespace rectify::verify::ops
