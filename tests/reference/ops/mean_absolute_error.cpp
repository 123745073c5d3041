#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void value(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      c.output[0] +=
          std::abs(c.in(0)[i * n + j] - c.target(i, j)) / static_cast<double>(c.rows() * n);
}

void gradient(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const double d = c.in(0)[i * n + j] - c.target(i, j);
      c.output[i * n + j] = (d > 0 ? 1.0 : d < 0 ? -1.0 : d) / static_cast<double>(c.rows() * n);
    }
}

}  // namespace

std::span<const Loop> mean_absolute_error() {
  static const Loop all[] = {{"mean_absolute_error", value},
                             {"mean_absolute_error_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
