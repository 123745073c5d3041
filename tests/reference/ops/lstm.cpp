#include <algorithm>
#include <cmath>

#include "tests/reference/samples.h"

namespace rectify::run::reference::ops {

namespace {

double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Gate `gate` of unit `unit`: x W + its bias, and, apart from it, h R + its bias.
struct Sums {
  double of_x, of_h;
};
Sums sums(const Context& c, std::int64_t gates, std::int64_t gate, std::int64_t s, std::int64_t t,
          std::int64_t d, std::int64_t n, std::int64_t unit, const std::vector<double>& h) {
  const auto units = static_cast<std::int64_t>(h.size());
  const std::int64_t row = gate * units + unit;
  Sums sum{at(c, 3, s, {d, row}), at(c, 3, s, {d, gates * units + row})};
  for (std::int64_t i = 0; i < c.shape(0)[2]; ++i)
    sum.of_x += at(c, 0, s, {t, n, i}) * at(c, 1, s, {d, row, i});
  for (std::int64_t i = 0; i < units; ++i)
    sum.of_h += h[static_cast<std::size_t>(i)] * at(c, 2, s, {d, row, i});
  return sum;
}

/// The places of a direction in its order.
std::vector<std::int64_t> places(const Context& c, std::int64_t d) {
  std::vector<std::int64_t> all;
  for (std::int64_t t = 0; t < c.shape(0)[0]; ++t) all.push_back(t);
  if (d == 1 || c.node.attributes.word("direction") == "reverse") std::ranges::reverse(all);
  return all;
}

double& out(Context& c, std::int64_t s, std::int64_t t, std::int64_t d, std::int64_t n,
            std::int64_t unit) {
  const Shape& y = c.node.type.shape;
  return c.output[static_cast<std::size_t>((((s * y[0] + t) * y[1] + d) * y[2] + n) * y[3] + unit)];
}

void run(Context& c, std::int64_t s, std::int64_t d, std::int64_t n) {
  const std::int64_t units = c.node.type.shape[3], last = c.shape(0)[0];
  std::vector<double> h, cell;
  for (std::int64_t u = 0; u < units; ++u) h.push_back(at(c, 4, s, {d, n, u}));
  for (std::int64_t u = 0; u < units; ++u) cell.push_back(at(c, 5, s, {d, n, u}));
  for (const std::int64_t t : places(c, d)) {
    const std::vector<double> before = h;
    for (std::int64_t u = 0; u < units; ++u) {
      const auto gate = [&](std::int64_t k) {
        const Sums sum = sums(c, 4, k, s, t, d, n, u, before);
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
