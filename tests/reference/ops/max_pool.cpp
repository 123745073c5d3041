#include <cmath>

#include "tests/reference/pool.h"

namespace rectify::run::reference::ops {

namespace {

/// The first NaN, or else the first of the largest.
std::size_t chosen(const std::vector<double>& x, const std::vector<std::size_t>& taps) {
  std::size_t best = taps[0];
  for (const std::size_t tap : taps) {
    if (std::isnan(x[tap])) return tap;
    if (x[tap] > x[best]) best = tap;
  }
  return best;
}

void forward(Context& c) {
  each_place(c, c.shape(0), [&](std::size_t place, const std::vector<std::size_t>& taps) {
    c.output[place] = c.in(0)[chosen(c.in(0), taps)];
  });
}

void gradient(Context& c) {
  each_place(c, c.node.type.shape, [&](std::size_t place, const std::vector<std::size_t>& taps) {
    c.output[chosen(c.in(1), taps)] += c.in(0)[place];
  });
}

}  // namespace

std::span<const Loop> max_pool() {
  static const Loop all[] = {{"max_pool", forward}, {"max_pool_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
