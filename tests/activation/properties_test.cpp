#include <gtest/gtest.h>

#include <cmath>

#include "rectify/activation/activation.h"
#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

Properties of(std::string_view name) { return properties(find(name), find(name).defaults()); }

TEST(Gain, KeepsTheSecondMoment) {
  const auto gain_of = [](std::string_view name, Parameters p) { return gain(find(name), p); };
  EXPECT_NEAR(gain_of("identity", {}), 1, 1e-9);
  EXPECT_NEAR(gain_of("relu", {}), std::sqrt(2.0), 1e-9);
  for (const double a : {0.0, 0.01, 0.3, 1.0}) {
    EXPECT_NEAR(gain_of("leaky_relu", {a}), std::sqrt(2 / (1 + a * a)), 1e-9);
  }
  EXPECT_NEAR(gain_of("selu", {}), 1.00, 0.005);
  EXPECT_NEAR(gain_of("softplus", {}), 1.04, 0.005);
  EXPECT_NEAR(gain_of("tanh", {}), 1.59, 0.005);
  EXPECT_NEAR(gain_of("sigmoid", {}), 1.85, 0.005);
}

TEST(Properties, FollowFromTheDefinition) {
  const Properties relu = of("relu"), tanh = of("tanh"), silu = of("silu"), gelu = of("gelu");
  EXPECT_EQ(relu.low, 0);
  EXPECT_EQ(relu.high, infinity);
  EXPECT_TRUE(relu.saturates_left && relu.exact_zeros);
  EXPECT_FALSE(relu.saturates_right || relu.zero_centred || relu.smooth);
  EXPECT_EQ(relu.largest_slope, 1);

  EXPECT_EQ(tanh.low, -1);
  EXPECT_EQ(tanh.high, 1);
  EXPECT_TRUE(tanh.saturates_left && tanh.saturates_right && tanh.zero_centred && tanh.smooth);
  EXPECT_FALSE(tanh.exact_zeros);

  EXPECT_NEAR(silu.low, -0.278464543, 1e-8);
  EXPECT_NEAR(silu.largest_slope, 1.09983933, 1e-7);
  EXPECT_NEAR(gelu.low, -0.169971, 1e-6);
  EXPECT_NEAR(gelu.largest_slope, 1.12890, 1e-5);
  EXPECT_TRUE(silu.smooth && gelu.smooth && silu.saturates_left && !gelu.exact_zeros);

  EXPECT_EQ(of("sigmoid").largest_slope, 0.25);
  EXPECT_FALSE(of("sigmoid").zero_centred);
  EXPECT_TRUE(of("identity").zero_centred);
  EXPECT_TRUE(of("elu").smooth);
  EXPECT_FALSE(properties(find("elu"), {0.5}).smooth);
  EXPECT_FALSE(of("leaky_relu").saturates_left);
  EXPECT_NEAR(of("selu").low, -1.7580993408473766, 1e-12);
  EXPECT_NEAR(of("selu").largest_slope, 1.7580993408473766, 1e-12);
}

// silu(x; beta) is silu(beta x) / beta: its least value and its steepest place move outwards.
TEST(Properties, AreFoundFarFromZero) {
  const Properties wide = properties(find("silu"), {0.01});
  EXPECT_NEAR(wide.low, -27.8464543, 1e-6);
  EXPECT_NEAR(wide.largest_slope, 1.09983933, 1e-7);
}

// Nothing that the parameters allow is farther out than where extremes are looked for.
TEST(Properties, HoldOfValuesAndSlopesFarOut) {
  for (const Case& c : cases()) {
    const Properties found = properties(*c.row, c.p);
    for (double x = -2000; x <= 2000; x += 0.125) {
      const double y = c.row->value(x, c.p), slope = std::abs(c.row->slope(x, c.p));
      ASSERT_TRUE(y >= found.low - 1e-9 && y <= found.high + 1e-9) << c.text() << " at " << x;
      ASSERT_LE(slope, found.largest_slope + 1e-9) << c.text() << " at " << x;
    }
  }
}

}  // namespace
}  // namespace rectify::activation
