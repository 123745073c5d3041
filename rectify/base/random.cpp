#include "rectify/base/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rectify {

std::array<double, 2> Random::normal_pair(std::uint64_t index) const {
  const auto w = words(index);
  // Rounding can take the sum above 1, whose logarithm has no root.
  const double u = std::min((w[0] + 0.5) * 0x1p-32 + w[1] * 0x1p-64, 1.0);
  const double angle = 2 * std::numbers::pi * ((w[2] + 0.5) * 0x1p-32);
  const double radius = std::sqrt(-2 * std::log(u));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace rectify
