#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void transpose(Context& c) {
  const std::int64_t columns = c.shape(0).back(), rows = c.node.type.shape.back();
  for (std::size_t i = 0; i < c.output.size(); ++i) {
    const auto at = static_cast<std::int64_t>(i), matrix = at / (rows * columns);
    const std::int64_t row = at / columns % rows, column = at % columns;
    c.output[(matrix * columns + column) * rows + row] = c.in(0)[i];
  }
}

}  // namespace

std::span<const Loop> transpose() {
  static const Loop all[] = {{"transpose", transpose}};
  return all;
}

}  // namespace rectify::run::reference::ops
