#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void value(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const double difference = c.in(0)[i * n + j] - c.target(i, j);
      c.output[0] += difference * difference / static_cast<double>(c.rows() * n);
    }
}

void gradient(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      c.output[i * n + j] =
          2 * (c.in(0)[i * n + j] - c.target(i, j)) / static_cast<double>(c.rows() * n);
}

}  // namespace

std::span<const Loop> mean_squared_error() {
  static const Loop all[] = {{"mean_squared_error", value},
                             {"mean_squared_error_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
