#include "tests/reference/pool.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  each_place(c, c.shape(0), [&](std::size_t place, const std::vector<std::size_t>& taps) {
    for (const std::size_t tap : taps)
      c.output[place] += c.in(0)[tap] / static_cast<double>(taps.size());
  });
}

void gradient(Context& c) {
  each_place(c, c.node.type.shape, [&](std::size_t place, const std::vector<std::size_t>& taps) {
    for (const std::size_t tap : taps)
      c.output[tap] += c.in(0)[place] / static_cast<double>(taps.size());
  });
}

}  // namespace

std::span<const Loop> avg_pool() {
  static const Loop all[] = {{"avg_pool", forward}, {"avg_pool_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
