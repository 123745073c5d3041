#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

double difference(const Context& c, std::int64_t i, std::int64_t j) {
  return c.in(0)[static_cast<std::size_t>(i * c.shape(0).back() + j)] - c.target(i, j);
}

void value(Context& c) {
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < c.shape(0).back(); ++j)
      c.output[0] += difference(c, i, j) * difference(c, i, j) / static_cast<double>(c.rows());
}

void gradient(Context& c) {
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < c.shape(0).back(); ++j)
      c.output[static_cast<std::size_t>(i * c.shape(0).back() + j)] =
          2 * difference(c, i, j) / static_cast<double>(c.rows());
}

}  // namespace

std::span<const Loop> squared_error() {
  static const Loop all[] = {{"squared_error", value}, {"squared_error_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
