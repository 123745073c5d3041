#include "rectify/graph/window.h"
#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const graph::Window window = graph::transposed_window(c.node.attributes, c.shape(0));
  const Shape &x = c.shape(0), &w = c.shape(1), &y = c.node.type.shape;
  const std::int64_t groups = c.node.attributes.integer("groups");
  const std::int64_t own = y[2] / groups, theirs = x[2] / groups;  // channels of a group
  for (std::int64_t sample = 0; sample < c.batch; ++sample)
    each_index(x, [&](const Index& from) {
      each_index(Shape{w[0], w[1], own}, [&](const Index& tap) {
        const std::int64_t group = from[2] / theirs;
        const std::int64_t row = from[0] * window.y.stride + tap[0] * window.y.dilation,
                           column = from[1] * window.x.stride + tap[1] * window.x.dilation;
        const std::int64_t to =
            ((sample * y[0] + row) * y[1] + column) * y[2] + group * own + tap[2];
        c.output[static_cast<std::size_t>(to)] +=
            at(c, 0, sample, from) * at(c, 1, sample, {tap[0], tap[1], tap[2], from[2]});
      });
    });
}

}  // namespace

std::span<const Loop> conv_transpose() {
  static const Loop all[] = {{"conv_transpose", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
