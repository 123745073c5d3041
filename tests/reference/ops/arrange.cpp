#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::vector<std::int64_t> strides = graph::list_attribute(c.node, "strides");
  const std::int64_t size = c.shape(0).size();
  fill(c, [&](std::int64_t sample, const Index& index) {
    std::int64_t from = c.node.attributes.integer("offset");
    for (std::size_t i = 0; i < index.size(); ++i) from += index[i] * strides[i];
    return c.in(0)[static_cast<std::size_t>(sample * size + from)];
  });
}

}  // namespace

std::span<const Loop> arrange() {
  static const Loop all[] = {{"arrange", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
