#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void copy_row(Context& c) {
  const auto index = static_cast<std::size_t>(c.node.attributes.integer("index"));
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] = c.in(0)[index * c.output.size() + i];
}

}  // namespace

std::span<const Loop> pick() {
  static const Loop all[] = {{"pick", copy_row}};
  return all;
}

}  // namespace rectify::run::reference::ops
