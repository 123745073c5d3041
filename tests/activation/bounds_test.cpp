#include <gtest/gtest.h>

#include "rectify/base/random.h"
#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

/// An interval somewhere, from narrow to wide; about one in ten reaches to infinity.
Interval some_interval(const Random& random, std::uint64_t i) {
  const double middle = std::exp(12 * random.uniform(4 * i) - 6) * (i % 2 ? 1 : -1);
  const double half = std::exp(16 * random.uniform(4 * i + 1) - 10);
  const bool open_left = i % 20 == 7, open_right = i % 20 == 11;
  return {open_left ? -infinity : static_cast<float>(middle - half),
          open_right ? infinity : static_cast<float>(middle + half)};
}

/// The k-th of n floats in the interval: its ends, then uniform ones; far ones where it is open.
float sample(Interval x, const Random& random, std::uint64_t k) {
  if (k == 0) return static_cast<float>(x.low);
  if (k == 1) return static_cast<float>(x.high);
  const double low = std::max(x.low, -1e4), high = std::min(x.high, 1e4);
  const auto v = static_cast<float>(low + (high - low) * random.uniform(k));
  return std::clamp(v, static_cast<float>(x.low), static_cast<float>(x.high));
}

TEST(Bounds, HoldAMillionSampledPointsOfEveryRow) {
  constexpr std::size_t intervals = 1000, points = 1000;
  std::vector<float> x(points), y(points);
  for (const Row& row : family()) {
    const Parameters p = row.defaults();
    const Bounds bounds(row, p);
    std::size_t outside = 0;
    for (std::size_t i = 0; i < intervals; ++i) {
      const Interval over = some_interval(Random(1), i);
      const Interval held = bounds(over);
      for (std::size_t k = 0; k < points; ++k) {
        x[k] = sample(over, Random(2, static_cast<std::uint32_t>(i)), k);
      }
      kernels(row).forward(x.data(), y.data(), points, p);
      for (const float v : y) outside += !(held.low <= v && v <= held.high);
    }
    EXPECT_EQ(outside, 0u) << row.name;
  }
}

TEST(Bounds, OfOtherParametersHoldToo) {
  std::vector<float> x(200), y(200);
  for (const Case& c : cases()) {
    const Bounds bounds(*c.row, c.p);
    for (std::size_t i = 0; i < 40; ++i) {
      const Interval over = some_interval(Random(3), i), held = bounds(over);
      for (std::size_t k = 0; k < x.size(); ++k) {
        x[k] = sample(over, Random(4, static_cast<std::uint32_t>(i)), k);
      }
      kernels(*c.row).forward(x.data(), y.data(), x.size(), c.p);
      for (const float v : y) EXPECT_TRUE(held.low <= v && v <= held.high) << c.text() << " " << v;
    }
  }
}

TEST(Bounds, AreNoWiderThanTheValuesAreWrong) {
  const auto of = [](std::string_view name, Interval x) {
    return Bounds(find(name), find(name).defaults())(x);
  };
  EXPECT_NEAR(of("relu", {-2, 3}).low, 0, 1e-40);
  EXPECT_NEAR(of("relu", {-2, 3}).high, 3, 3e-6);
  EXPECT_NEAR(of("gelu", {-2, 3}).low, -0.16997121, 1e-6);  // its minimum lies inside
  EXPECT_NEAR(of("abs_tanh", {-1, 0.5}).low, 0, 1e-12);
  EXPECT_NEAR(of("hard_swish", {-3, 0}).low, -0.375, 1e-6);
  EXPECT_NEAR(of("threshold_relu", {0, 2}).high, 2, 3e-6);
  EXPECT_EQ(of("identity", {-infinity, infinity}).high, infinity);
  EXPECT_NEAR(of("tanh", {-infinity, infinity}).low, -1, 1e-6);
}

// The least value of silu with beta = 0.001 is at -1278, where no turning point is looked for.
TEST(Bounds, RefuseParametersOutOfRange) {
  const auto error_of = [](const Parameters& p) {
    try {
      const Bounds bounds(find("silu"), p);
    } catch (const Error& error) {
      return std::string(error.what());
    }
    return std::string();
  };
  EXPECT_EQ(error_of({0.001}), "silu: beta = 0.001 is not between 0.01 and 100");
  EXPECT_EQ(error_of({NAN}), "silu: beta = nan is not between 0.01 and 100");
  EXPECT_EQ(error_of({0.01}), "");
}

TEST(Bounds, RefuseWhatIsNoInterval) {
  const Bounds bounds(find("relu"), find("relu").defaults());
  EXPECT_THROW(bounds({1, 0}), Error);
  EXPECT_THROW(bounds({NAN, 0}), Error);
}

}  // namespace
}  // namespace rectify::activation
