// Operators that put the same numbers in another order.

#include "rectify/diagnose/regions/piece_rule.h"
#include "rectify/graph/lists.h"

namespace rectify::diagnose::ops {

namespace {

void transpose(const PieceContext& c, OutputRows out) {
  const auto columns = static_cast<std::size_t>(c.shape(0).back()),
             rows = static_cast<std::size_t>(c.node.type.shape.back());
  for (std::size_t term = 0; term < out.terms(); ++term)
    for (std::size_t i = 0; i < out.width; ++i) {
      const std::size_t matrix = i / (rows * columns), row = i / columns % rows;
      out.row(term)[(matrix * columns + i % columns) * rows + row] = c.in[0].row(term)[i];
    }
}

void arrange(const PieceContext& c, OutputRows out) {
  const std::vector<std::int64_t> strides = graph::list_attribute(c.node, "strides");
  const Shape& shape = c.node.type.shape;
  for (std::size_t i = 0; i < out.width; ++i) {
    std::int64_t from = c.node.attributes.integer("offset"), rest = static_cast<std::int64_t>(i);
    for (std::size_t axis = shape.rank(); axis-- > 0; rest /= shape[axis])
      from += rest % shape[axis] * strides[axis];
    for (std::size_t term = 0; term < out.terms(); ++term)
      out.row(term)[i] = c.in[0].row(term)[static_cast<std::size_t>(from)];
  }
}

}  // namespace

std::span<const PieceRule> arrange() {
  static const PieceRule all[] = {{.op = "transpose", .linear = transpose},
                                  {.op = "arrange", .linear = arrange}};
  return all;
}

}  // namespace rectify::diagnose::ops
