#include <algorithm>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

// Margins by their definition; the derivative at a margin of exactly 0 is 0.
void value(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i) {
    const double* z = c.in(0).data() + i * n;
    if (n == 1) {
      c.output[0] += std::max(0.0, 1 - (2 * c.target(i, 0) - 1) * z[0]) / c.rows();
      continue;
    }
    const auto label = static_cast<std::int64_t>(c.in(1)[i]);
    for (std::int64_t j = 0; j < n; ++j)
      if (j != label) c.output[0] += std::max(0.0, 1 + z[j] - z[label]) / c.rows();
  }
}

void gradient(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i) {
    const double* z = c.in(0).data() + i * n;
    if (n == 1) {
      const double side = 2 * c.target(i, 0) - 1;
      c.output[i] = 1 - side * z[0] > 0 ? -side / c.rows() : 0;
      continue;
    }
    const auto label = static_cast<std::int64_t>(c.in(1)[i]);
    for (std::int64_t j = 0; j < n; ++j) {
      if (j == label || 1 + z[j] - z[label] <= 0) continue;
      c.output[i * n + j] += 1.0 / c.rows();
      c.output[i * n + label] -= 1.0 / c.rows();
    }
  }
}

}  // namespace

std::span<const Loop> hinge() {
  static const Loop all[] = {{"hinge", value}, {"hinge_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
