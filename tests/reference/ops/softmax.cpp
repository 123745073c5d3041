#include <algorithm>
#include <cmath>

#include "tests/reference/reference.h"

namespace rectify::run::reference::ops {

namespace {

void forward(Context& c) {
  const auto n = static_cast<std::size_t>(c.node.type.shape.back());
  for (std::size_t first = 0; first < c.output.size(); first += n) {
    const double* x = c.in(0).data() + first;
    double largest = -INFINITY, sum = 0;
    for (std::size_t j = 0; j < n; ++j) largest = std::max(largest, x[j]);
    for (std::size_t j = 0; j < n; ++j)
      sum += c.output[first + j] = x[j] == largest ? 1 : std::exp(x[j] - largest);
    for (std::size_t j = 0; j < n; ++j) c.output[first + j] /= sum;
  }
}

void gradient(Context& c) {
  const auto n = static_cast<std::size_t>(c.node.type.shape.back());
  for (std::size_t first = 0; first < c.output.size(); first += n) {
    const double *dy = c.in(0).data() + first, *y = c.in(1).data() + first;
    double sum = 0;
    for (std::size_t j = 0; j < n; ++j) sum += dy[j] * y[j];
    for (std::size_t j = 0; j < n; ++j) c.output[first + j] = y[j] * (dy[j] - sum);
  }
}

}  // namespace

std::span<const Loop> softmax() {
  static const Loop all[] = {{"softmax", forward}, {"softmax_gradient", gradient}};
  return all;
}

}  // namespace rectify::run::reference::ops
