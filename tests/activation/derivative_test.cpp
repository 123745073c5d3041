#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/activation/family.h"
#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

template <class... R>
void for_each_case(Rows<R...>, auto&& check) {
  for (const Case& c : cases()) {
    ((c.row->name == R::facts.name ? check.template operator()<R>(c) : void()), ...);
  }
}

/// The difference quotient of order h⁴ in long double.
template <class R>
long double quotient(long double x, const Parameters& p, long double h) {
  const auto f = [&](int step) { return R::value(x + step * h, p); };
  return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h);
}

/// x or one of its near neighbours is a kink.
bool near_kink(const std::vector<double>& kinks, long double x, long double reach) {
  return std::ranges::any_of(kinks, [&](double kink) { return std::abs(x - kink) < reach; });
}

TEST(Derivative, IsTheDifferenceQuotientWhereTheRowIsSmooth) {
  for_each_case(Family{}, [&]<class R>(const Case& c) {
    const std::vector<double> skipped = kinks(*c.row, c.p);
    for (long double x = -12.0013L; x < 12; x += 0.0371L) {
      if (near_kink(skipped, x, 3e-4L)) continue;
      const long double want = quotient<R>(x, c.p, 5e-5L);
      // The quotient's own error, a sixteenth of what twice the step changes, and rounding.
      const long double own = std::abs(quotient<R>(x, c.p, 1e-4L) - want);
      const long double tolerance = 2 * own + 1e-13L * std::max(1.0L, std::abs(want));
      ASSERT_LT(own, 1e-6L) << c.text() << " at " << x;
      EXPECT_NEAR(R::slope(x, c.p), want, tolerance) << c.text() << " at " << x;
      EXPECT_NEAR(c.row->slope(static_cast<double>(x), c.p), R::slope(x, c.p), 1e-13L) << c.text();
    }
  });
}

TEST(Derivative, AtAKinkLiesBetweenTheOneSidedOnes) {
  for_each_case(Family{}, [&]<class R>(const Case& c) {
    std::vector<double> points = kinks(*c.row, c.p);
    points.push_back(0);
    for (const long double kink : points) {
      const long double h = 1e-9L, f = R::value(kink, c.p);
      const long double left = (f - R::value(kink - h, c.p)) / h;
      const long double right = (R::value(kink + h, c.p) - f) / h;
      const long double at = R::slope(kink, c.p), slack = 1e-6L;
      EXPECT_GE(at, std::min(left, right) - slack) << c.text() << " at " << kink;
      EXPECT_LE(at, std::max(left, right) + slack) << c.text() << " at " << kink;
      if (std::abs(right) < 1e6L) {  // else the value jumps
        EXPECT_NEAR(R::slope(kink - h, c.p), left, slack) << c.text() << " left of " << kink;
        EXPECT_NEAR(R::slope(kink + h, c.p), right, slack) << c.text() << " right of " << kink;
      }
    }
  });
}

TEST(Derivative, FromTheOutputIsTheOneFromTheInput) {
  for_each_case(Family{}, [&]<class R>(const Case& c) {
    if constexpr (HasSlopeFromOutput<R>) {
      if (!from_output<R>(c.p)) return;
      for (long double x = -12.0013L; x < 12; x += 0.0371L) {
        const long double y = R::value(x, c.p);
        EXPECT_NEAR(R::slope_from_output(y, c.p), R::slope(x, c.p), 1e-15L) << c.text() << " " << x;
      }
    }
  });
}

// In the tails the double oracle is held against long double, relatively.
TEST(Derivative, AndValueHoldInTheTailsOfTheOracle) {
  for_each_case(Family{}, [&]<class R>(const Case& c) {
    const std::vector<float> points = sweep_points();
    for (std::size_t i = 0; i < points.size(); i += i < 1000 ? 1 : 5) {
      const float x = points[i];
      if (std::isnan(x)) continue;
      const long double value = R::value(static_cast<long double>(x), c.p);
      if (std::isinf(value)) continue;
      const long double slope = R::slope(static_cast<long double>(x), c.p);
      EXPECT_LE(std::abs(c.row->value(x, c.p) - value), 1e-12L * std::abs(value) + 1e-300L)
          << c.text() << " at " << x;
      EXPECT_LE(std::abs(c.row->slope(x, c.p) - slope), 1e-12L * std::abs(slope) + 1e-14L)
          << c.text() << " at " << x;
    }
  });
}

}  // namespace
}  // namespace rectify::activation
