#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

// -t log(s) - (1 - t) log(1 - s), s = 1 / (1 + exp(-z)), written without s.
void value(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j) {
      const double z = c.in(0)[i * n + j];
      const double softplus = z > 0 ? z + std::log1p(std::exp(-z)) : std::log1p(std::exp(z));
      c.output[0] += (softplus - c.target(i, j) * z) / c.rows();
    }
}

void gradient(Context& c) {
  const std::int64_t n = c.shape(0).back();
  for (std::int64_t i = 0; i < c.rows(); ++i)
    for (std::int64_t j = 0; j < n; ++j)
      c.output[i * n + j] = (1 / (1 + std::exp(-c.in(0)[i * n + j])) - c.target(i, j)) / c.rows();
}

}  // namespace

std::span<const Loop> sigmoid_cross_entropy() {
  static const Loop all[] = {{"sigmoid_cross_entropy", value},
                             {"sigmoid_cross_entropy_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
