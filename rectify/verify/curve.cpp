#include "rectify/verify/curve.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/base/error.h"

namespace rectify::verify {

namespace {

/// Bends are looked for from -256 to 256, as turning points are, at so many places a unit up to 16
/// and beyond. Farther out every row of the family bends one way.
constexpr int fine = 64, coarse = 4;
constexpr std::size_t most_bends = 8;
/// Changes of slope that are rounding, and what bends that were found to 1e-9 may cost a line.
constexpr double no_change = 1e-12, bend_slack = 1e-11, slope_slack = 1e-14;
/// Places this near to a jump of the slope are on one side of it.
constexpr double beside = 2e-9;

std::vector<double> examined_xs() {
  std::vector<double> xs;
  for (int i = -coarse * 256; i < -coarse * 16; ++i) xs.push_back(i / double{coarse});
  for (int i = -fine * 16; i <= fine * 16; ++i) xs.push_back(i / double{fine});
  for (int i = coarse * 16 + 1; i <= coarse * 256; ++i) xs.push_back(i / double{coarse});
  return xs;
}

}  // namespace

// Where the slope rises before a place and falls after it, or the other way round, it turns near
// there. A ternary search finds the turn.
Curve::Curve(const activation::Row& row, const activation::Parameters& p)
    : row_(row), p_(p), values_(row, p) {
  static const std::vector<double> xs = examined_xs();
  double before = 0;
  std::size_t from = 0;
  for (std::size_t i = 0; i + 1 < xs.size(); ++i) {
    const double change = slope(xs[i + 1]) - slope(xs[i]);
    if (!(std::abs(change) > no_change)) continue;
    if (before * change < 0) {
      double low = xs[from], high = xs[i + 1];
      const double sign = before > 0 ? 1 : -1;
      while (high - low > 1e-10 * std::max(1.0, std::abs(low))) {
        const double a = low + (high - low) / 3, b = high - (high - low) / 3;
        (sign * slope(a) < sign * slope(b) ? low : high) =
            sign * slope(a) < sign * slope(b) ? a : b;
      }
      bends_.push_back((low + high) / 2);
    }
    before = change, from = i;
  }
  for (const double kink : activation::kinks(row, p)) {
    if (std::abs(value(kink + beside) - value(kink - beside)) > 1e-6)
      fail("the activation ", row.name, " jumps at ", kink,
           ", so it has no bounds here; use one that is continuous");
    bends_.insert(bends_.end(), {kink - beside, kink, kink + beside});
  }
  std::ranges::sort(bends_);
  if (bends_.size() > most_bends)
    fail("the activation ", row.name, " bends at ", bends_.size(),
         " places, so it has no bounds here; use one with fewer");
}

activation::Interval Curve::slopes(double low, double high) const {
  activation::Interval all = {slope(low), slope(low)};
  const auto see = [&](double x) {
    const double here = slope(x);
    all = {std::min(all.low, here), std::max(all.high, here)};
  };
  see(high);
  for (const double bend : bends_)
    if (bend > low - beside && bend < high + beside) see(bend);
  return {all.low - slope_slack, all.high + slope_slack};
}

// Between bends the slope is monotone, so that it is k at one place at most, where the curve is
// nearest to a line or farthest from it. That place is found up to what is added.
activation::Interval Curve::over_line(double k, double low, double high) const {
  const auto over = [&](double x) { return value(x) - k * x; };
  activation::Interval all = {over(low), over(low)};
  double left = low;
  const auto see = [&](double x, double spare) {
    const double here = over(x);
    all = {std::min(all.low, here - spare), std::max(all.high, here + spare)};
  };
  const auto pass_segment = [&](double right) {
    see(right, 0);
    double a = left, b = right;
    const double at_a = slope(a) - k, at_b = slope(b) - k;
    if (at_a * at_b < 0) {
      while (b - a > 1e-6 * (1 + std::abs(a))) {
        const double middle = a + (b - a) / 2;
        ((slope(middle) - k) * at_a > 0 ? a : b) = middle;
      }
      see(a, std::max(std::abs(slope(a) - k), std::abs(slope(b) - k)) * (b - a));
      see(b, 0);
    }
    left = right;
  };
  for (const double bend : bends_)
    if (bend > left && bend < high) pass_segment(bend);
  pass_segment(high);
  return all;
}

double Curve::steepest() const {
  const activation::Interval all = slopes(-256, 256);
  return std::max(std::abs(all.low), std::abs(all.high));
}

double Curve::error(double low, double high) const {
  const activation::Interval y = values(low, high);
  constexpr double ulp = 0x1p-23, denormal = 0x1p-149;
  return (row_.accuracy.value + 1) *
         std::max(std::max(std::abs(y.low), std::abs(y.high)) * ulp, denormal);
}

// Of a few slopes the one is taken whose line is nearest in the middle: that of the chord, and
// those of the curve at its ends, in the middle, and halfway.
CurveLines Curve::lines(double low, double high) const {
  const activation::Interval y = values(low, high);
  CurveLines best{0, y.low, 0, y.high};
  const double middle = low + (high - low) / 2, spare = error(low, high) + bend_slack;
  const double chord =
      high - low > 1e-6 ? (value(high) - value(low)) / (high - low) : slope(middle);
  const std::array<double, 6> slopes = {chord,
                                        slope(middle),
                                        slope(low),
                                        slope(high),
                                        (chord + slope(low)) / 2,
                                        (chord + slope(high)) / 2};
  for (const double k : slopes) {
    if (!std::isfinite(k)) continue;
    const activation::Interval over = over_line(k, low, high);
    const double rounding = 0x1p-48 * (std::abs(k) * std::max(std::abs(low), std::abs(high)) +
                                       std::max(std::abs(over.low), std::abs(over.high)));
    const double below = over.low - spare - rounding, above = over.high + spare + rounding;
    if (k * middle + below > best.low_slope * middle + best.low_offset)
      best.low_slope = k, best.low_offset = below;
    if (k * middle + above < best.high_slope * middle + best.high_offset)
      best.high_slope = k, best.high_offset = above;
  }
  return best;
}

}  // namespace rectify::verify
