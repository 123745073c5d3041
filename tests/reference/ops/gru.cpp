#include <algorithm>
#include <cmath>

#include "tests/reference/gates.h"

namespace rectify::run::reference::ops {

namespace {

void run(Context& c, std::int64_t s, std::int64_t d, std::int64_t n) {
  const std::int64_t units = c.node.type.shape[3];
  const bool after = c.node.attributes.word("reset") == "after";
  std::vector<double> h;
  for (std::int64_t u = 0; u < units; ++u) h.push_back(at(c, 4, s, {d, n, u}));
  for (const std::int64_t t : places(c, d)) {
    const std::vector<double> before = h;
    const auto gate = [&](std::int64_t k, std::int64_t u) {
      const GateSums sum = sums(c, 3, k, s, t, d, n, u, before);
      return sigmoid(sum.of_x + sum.of_h);
    };
    std::vector<double> reset;
    for (std::int64_t u = 0; u < units; ++u)
      reset.push_back(before[static_cast<std::size_t>(u)] * (after ? 1 : gate(1, u)));
    for (std::int64_t u = 0; u < units; ++u) {
      const GateSums sum = sums(c, 3, 2, s, t, d, n, u, reset);
      const double fresh = std::tanh(sum.of_x + sum.of_h * (after ? gate(1, u) : 1));
      double& own = h[static_cast<std::size_t>(u)];
      own = (1 - gate(0, u)) * fresh + gate(0, u) * before[static_cast<std::size_t>(u)];
      out(c, s, t, d, n, u) = own;
    }
  }
}

void forward(Context& c) {
  const Shape& y = c.node.type.shape;
  for (std::int64_t s = 0; s < c.batch; ++s)
    each_index(Shape{y[1], y[2]}, [&](const Index& of) { run(c, s, of[0], of[1]); });
}

}  // namespace

std::span<const Loop> gru() {
  static const Loop all[] = {{"gru", forward}};
  return all;
}

}  // namespace rectify::run::reference::ops
