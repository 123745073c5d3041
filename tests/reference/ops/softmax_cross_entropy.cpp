#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

/// log of the sum of exp of sample i.
double log_sum(const Context& c, std::int64_t i) {
  const std::int64_t n = c.shape(0).back();
  double largest = -INFINITY, sum = 0;
  for (std::int64_t j = 0; j < n; ++j) largest = std::max(largest, c.in(0)[i * n + j]);
  for (std::int64_t j = 0; j < n; ++j) sum += std::exp(c.in(0)[i * n + j] - largest);
  return largest + std::log(sum);
}

/// Target j of sample i, smoothed.
double target(const Context& c, double smoothing, std::int64_t i, std::int64_t j) {
  return (1 - smoothing) * c.target(i, j) + smoothing / static_cast<double>(c.shape(0).back());
}

void value(Context& c) {
  const std::int64_t n = c.shape(0).back();
  const double smoothing = c.node.attributes.number("smoothing");
  for (std::int64_t i = 0; i < c.rows(); ++i) {
    const double sum = log_sum(c, i);
    for (std::int64_t j = 0; j < n; ++j)
      c.output[0] += target(c, smoothing, i, j) * (sum - c.in(0)[i * n + j]) / c.rows();
  }
}

void gradient(Context& c) {
  const std::int64_t n = c.shape(0).back();
  const double smoothing = c.node.attributes.number("smoothing");
  for (std::int64_t i = 0; i < c.rows(); ++i) {
    const double sum = log_sum(c, i);
    for (std::int64_t j = 0; j < n; ++j)
      c.output[i * n + j] =
          (std::exp(c.in(0)[i * n + j] - sum) - target(c, smoothing, i, j)) / c.rows();
  }
}

}  // namespace

std::span<const Loop> softmax_cross_entropy() {
  static const Loop all[] = {{"softmax_cross_entropy", value},
                             {"softmax_cross_entropy_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
