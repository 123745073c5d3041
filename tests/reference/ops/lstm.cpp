#include <algorithm>
#include <cmath>

#include "tests/reference/gates.h"

namespace rectify::run::reference::ops {

namespace {

void run(Context& c, std::int64_t s, std::int64_t d, std::int64_t n) {
  const std::int64_t units = c.node.type.shape[3], last = c.shape(0)[0];
  std::vector<double> h, cell;
  for (std::int64_t u = 0; u < units; ++u) h.push_back(at(c, 4, s, {d, n, u}));
  for (std::int64_t u = 0; u < units; ++u) cell.push_back(at(c, 5, s, {d, n, u}));
  for (const std::int64_t t : places(c, d)) {
    const std::vector<double> before = h;
    for (std::int64_t u = 0; u < units; ++u) {
      const auto gate = [&](std::int64_t k) {
        const GateSums sum = sums(c, 4, k, s, t, d, n, u, before);
        return sum.of_x + sum.of_h;
      };
      double& own = cell[static_cast<std::size_t>(u)];
      own = sigmoid(gate(2)) * own + sigmoid(gate(0)) * std::tanh(gate(3));
      h[static_cast<std::size_t>(u)] = sigmoid(gate(1)) * std::tanh(own);
      out(c, s, t, d, n, u) = h[static_cast<std::size_t>(u)];
      out(c, s, last, d, n, u) = own;
    }
  }
}

void forward(Context& c) {
  const Shape& y = c.node.type.shape;
  for (std::int64_t s = 0; s < c.batch; ++s)
    each_index(Shape{y[1], y[2]}, [&](const Index& of) { run(c, s, of[0], of[1]); });
}

}  // namespace

std::span<const Loop> lstm() {
  static const Loop all[] = {{"lstm", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
