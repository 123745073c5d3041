#include "rectify/graph/positions.h"

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const std::int64_t size = c.shape(0).size(), channels = c.shape(0).back();
  for (std::int64_t i = 0; i < size * c.batch; ++i) {
    const std::int64_t place = i % size;
    c.output[i] =
        c.in(0)[i] + (c.node.inputs.size() > 1
                          ? c.in(1)[place]
                          : graph::sinusoid(place / channels, place % channels, channels));
  }
}

void gradient(Context& c) {
  const std::int64_t size = c.shape(0).size();
  for (std::int64_t i = 0; i < size * c.batch; ++i) c.output[i % size] += c.in(0)[i];
}

}  // namespace

std::span<const Loop> positions() {
  static const Loop all[] = {{"positions", forward}, {"positions_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
