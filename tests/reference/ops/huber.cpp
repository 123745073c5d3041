#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

// PyTorch's huber_loss with delta 1, term by term.
double huber_of(double d) { return std::abs(d) <= 1 ? 0.5 * d * d : std::abs(d) - 0.5; }

void value(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      c.output[0] +=
          huber_of(c.in(0)[i * n + j] - c.target(i, j)) / static_cast<double>(c.rows() * n);
}

void gradient(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      c.output[i * n + j] = std::clamp(c.in(0)[i * n + j] - c.target(i, j), -1.0, 1.0) /
                            static_cast<double>(c.rows() * n);
}

}  // namespace

std::span<const Loop> huber() {
  static const Loop all[] = {{"huber", value}, {"huber_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
