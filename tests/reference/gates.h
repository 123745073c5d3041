#pragma once

// What the loops of layers with gates, lstm and gru, share.

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <vector>

#include "tests/reference/samples.h"

namespace rectify::run::reference {

inline double sigmoid(double x) { return 1 / (1 + std::exp(-x)); }

/// Gate `gate` of unit `unit`: x W + its bias, and, apart from it, h R + its bias.
struct GateSums {
  double of_x, of_h;
};
inline GateSums sums(const Context& c, std::int64_t gates, std::int64_t gate, std::int64_t s,
                     std::int64_t t, std::int64_t d, std::int64_t n, std::int64_t unit,
                     const std::vector<double>& h) {
  const auto units = static_cast<std::int64_t>(h.size());
  const std::int64_t row = gate * units + unit;
  GateSums sum{at(c, 3, s, {d, row}), at(c, 3, s, {d, gates * units + row})};
  for (std::int64_t i = 0; i < c.shape(0)[2]; ++i)
    sum.of_x += at(c, 0, s, {t, n, i}) * at(c, 1, s, {d, row, i});
  for (std::int64_t i = 0; i < units; ++i)
    sum.of_h += h[static_cast<std::size_t>(i)] * at(c, 2, s, {d, row, i});
  return sum;
}

/// The places of a direction in its order.
inline std::vector<std::int64_t> places(const Context& c, std::int64_t d) {
  std::vector<std::int64_t> all;
  for (std::int64_t t = 0; t < c.shape(0)[0]; ++t) all.push_back(t);
  if (d == 1 || c.node.attributes.word("direction") == "reverse") std::ranges::reverse(all);
  return all;
}

inline double& out(Context& c, std::int64_t s, std::int64_t t, std::int64_t d, std::int64_t n,
                   std::int64_t unit) {
  const Shape& y = c.node.type.shape;
  return c.output[static_cast<std::size_t>((((s * y[0] + t) * y[1] + d) * y[2] + n) * y[3] + unit)];
}

}  // namespace rectify::run::reference
