#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// The position in x of what element i of y chooses: the first NaN, or else the first of the
/// largest.
std::size_t chosen(const Context& c, const std::vector<double>& x, std::size_t i, std::size_t n) {
  const auto pieces = static_cast<std::size_t>(c.node.attributes.integer("pieces"));
  const std::size_t first = i / n * n * pieces + i % n;
  std::size_t best = first;
  for (std::size_t k = 0; k < pieces; ++k)
    if (std::isnan(x[first + k * n])) return first + k * n;
  for (std::size_t k = 1; k < pieces; ++k)
    if (x[first + k * n] > x[best]) best = first + k * n;
  return best;
}

void forward(Context& c) {
  const auto n = static_cast<std::size_t>(c.node.type.shape.back());
  for (std::size_t i = 0; i < c.output.size(); ++i) c.output[i] = c.in(0)[chosen(c, c.in(0), i, n)];
}

void gradient(Context& c) {
  const auto n = static_cast<std::size_t>(c.shape(0).back());
  for (std::size_t i = 0; i < c.in(0).size(); ++i) c.output[chosen(c, c.in(1), i, n)] = c.in(0)[i];
}

}  // namespace

std::span<const Loop> maxout() {
  static const Loop all[] = {{"maxout", forward}, {"maxout_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
