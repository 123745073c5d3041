#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/activation/activation.h"
#include "rectify/base/error.h"

namespace rectify::activation {
namespace {

/// How much the float kernels may add to y: units in the last place, and the rounding of denormals.
double slack(const Row& row, double y) {
  if (std::isinf(y)) return 0;
  constexpr double ulp = 0x1p-23, denormal = 0x1p-149;
  return (row.accuracy.value + 1) * std::max(std::abs(y) * ulp, denormal);
}

}  // namespace

// A row rises or falls between two turning points, so its extremes over an interval are at a
// turning point or at an end. At a kink the value may jump, and both sides count.
Bounds::Bounds(const Row& row, const Parameters& p)
    : row_(row), p_(p), turns_(turning_points(row, p)) {
  check_parameters(row, p);
  for (const double at : kinks(row, p)) {
    turns_.insert(turns_.end(), {at - 2e-9, at, at + 2e-9});
  }
}

Interval Bounds::operator()(Interval x) const {
  if (!(x.low <= x.high))
    fail("bounds of ", row_.name, " want an interval, but [", x.low, ", ", x.high, "] is none");
  Interval y = {std::numeric_limits<double>::infinity(), -std::numeric_limits<double>::infinity()};
  const auto see = [&](double at) {
    const double v = row_.value(std::clamp(at, x.low, x.high), p_);
    y = {std::min(y.low, v - slack(row_, v)), std::max(y.high, v + slack(row_, v))};
  };
  see(x.low), see(x.high);
  for (const double at : turns_) see(at);
  return y;
}

}  // namespace rectify::activation
