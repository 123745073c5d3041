#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double variance_of(const Context& c, std::size_t input, std::size_t unit) {
  return std::max(std::exp(c.in(input)[unit]), c.node.attributes.number("least"));
}

void scale(Context& c) {
  const std::size_t width = c.in(1).size();
  for (std::size_t i = 0; i < c.output.size(); ++i)
    c.output[i] =
        c.in(0)[i] * std::pow(variance_of(c, 1, i % width), c.node.attributes.number("power"));
}

void contrast(Context& c) {
  const std::size_t width = c.output.size();
  for (std::size_t u = 0; u < width; ++u) {
    const double b = c.in(4)[u];
    for (const std::size_t side : {0, 2}) {
      const std::size_t rows = c.in(side).size() / width;
      double sum = 0;
      for (std::size_t r = 0; r < rows; ++r) {
        const double v = c.in(side)[r * width + u], total = c.in(side + 1)[r * width + u];
        sum += (v - b) * (v - b) / 2 - v * (total - b);
      }
      c.output[u] += (side == 0 ? -sum : sum) / double(rows) / variance_of(c, 5, u);
    }
    if (std::exp(c.in(5)[u]) <= c.node.attributes.number("least"))
      c.output[u] = std::min(c.output[u], 0.0);
  }
}

}  // namespace

std::span<const Loop> variance() {
  static const Loop all[] = {{"scale_units", scale}, {"contrast_variances", contrast}};
  return all;
}

}  // namespace rectify::run::reference::ops
