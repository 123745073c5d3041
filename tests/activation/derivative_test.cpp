#include <gtest/gtest.h>

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

/// The difference quotient of order h⁴ in long double, whose points all lie on x's side of 0.
template <class R>
long double quotient(long double x, const Parameters& p) {
  const long double h = 1e-4L;
  const auto f = [&](int step) { return R::value(x + step * h, p); };
  return (8 * (f(1) - f(-1)) - (f(2) - f(-2))) / (12 * h);
}

TEST(Derivative, IsTheDifferenceQuotientWhereTheRowIsSmooth) {
  for_each_case(Family{}, [&]<class R>(const Case& c) {
    for (long double x = -12.0013L; x < 12; x += 0.0371L) {
      if (std::abs(x) < 3e-4L) continue;
      const long double want = quotient<R>(x, c.p);
      const long double steep = c.row->name == "silu" ? std::max(1.0, c.p[0]) : 1;
      const long double tolerance = 1e-13L * steep * steep * steep * steep * steep + 1e-14L;
      EXPECT_NEAR(R::slope(x, c.p), want, tolerance) << c.text() << " at " << x;
      EXPECT_NEAR(c.row->slope(static_cast<double>(x), c.p), R::slope(x, c.p), 1e-13L) << c.text();
    }
  });
}

TEST(Derivative, AtTheKinkLiesBetweenTheOneSidedOnes) {
  for_each_case(Family{}, [&]<class R>(const Case& c) {
    const long double h = 1e-9L, f0 = R::value(0.0L, c.p);
    const long double left = (f0 - R::value(-h, c.p)) / h, right = (R::value(h, c.p) - f0) / h;
    const long double at = R::slope(0.0L, c.p), slack = 1e-7L;
    EXPECT_GE(at, std::min(left, right) - slack) << c.text();
    EXPECT_LE(at, std::max(left, right) + slack) << c.text();
    EXPECT_NEAR(R::slope(-h, c.p), left, slack) << c.text();
    EXPECT_NEAR(R::slope(h, c.p), right, slack) << c.text();
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
    for (const float x : sweep_points()) {
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
