// The vector type and the functions on it that rows are written in, as compiled for the baseline.
#define RECTIFY_ISA baseline

#include "rectify/activation/math.h"

#include <gtest/gtest.h>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

using rectify::baseline::Vec;

constexpr float infinite = std::numeric_limits<float>::infinity();

float first(Vec v) {
  float lane[Vec::lanes];
  v.store(lane);
  return lane[0];
}

TEST(Simd, PartsLeaveTheRestAlone) {
  const float from[] = {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, 16};
  for (std::size_t n = 0; n < Vec::lanes; ++n) {
    float to[16] = {}, all[16];
    const Vec part = Vec::load_part(from, n);
    part.store_part(to, n);
    part.store(all);
    for (std::size_t i = 0; i < Vec::lanes; ++i) {
      EXPECT_EQ(to[i], i < n ? from[i] : 0);
      EXPECT_EQ(all[i], i < n ? from[i] : 0);
    }
  }
}

TEST(Simd, MinAndMaxGiveTheSecondForNaN) {
  EXPECT_TRUE(std::isnan(first(max(Vec(1), Vec(NAN)))));
  EXPECT_TRUE(std::isnan(first(min(Vec(1), Vec(NAN)))));
  EXPECT_EQ(first(max(Vec(NAN), Vec(1))), 1);
  EXPECT_EQ(first(min(Vec(NAN), Vec(1))), 1);
  EXPECT_EQ(first(max(Vec(-2), Vec(1))), 1);
  EXPECT_EQ(first(min(Vec(-2), Vec(1))), -2);
}

TEST(Simd, SignsAreKept) {
  EXPECT_TRUE(std::signbit(first(Vec(-0.0f))));
  EXPECT_FALSE(std::signbit(first(abs(Vec(-0.0f)))));
  EXPECT_TRUE(std::signbit(first(minus_abs(Vec(0)))));
  EXPECT_EQ(first(copysign(Vec(3), Vec(-0.0f))), -3);
  EXPECT_TRUE(std::signbit(first(-Vec(0))));
}

TEST(Simd, RoundGoesToTheNearestEven) {
  for (const float x : {0.5f, 1.5f, 2.5f, -0.5f, -2.5f, 0.49999997f, 8388607.5f, 1e30f, infinite}) {
    EXPECT_EQ(first(round(Vec(x))), std::nearbyint(x)) << x;
  }
  EXPECT_TRUE(std::isnan(first(round(Vec(NAN)))));
}

TEST(Simd, ProductErrorIsWhatRoundingTook) {
  for (const float a : {1.1f, -3.3f, 1e10f / 3, 12345.678f}) {
    const float b = 0.7f * a, p = a * b;
    EXPECT_EQ(first(product_error(Vec(a), Vec(b), Vec(p))), static_cast<double>(a) * b - p);
  }
}

TEST(Simd, SumAddsHalves) {
  const float x[] = {1e8f, 1, -1e8f, 1};
  if (Vec::lanes != 4) GTEST_SKIP() << "the numbers are for four lanes";
  EXPECT_EQ(sum(Vec::load(x)), (1e8f + -1e8f) + (1.0f + 1.0f));
}

template <class F, class G>
void expect_close(F f, G exact, double allowed, float low, float high, const char* name) {
  for (const float x : sweep_points()) {
    if (!std::isnan(x) && (x < low || x > high)) continue;
    const double want = exact(static_cast<double>(x));
    EXPECT_LE(ulps(first(f(Vec(x))), want), allowed) << name << " at " << x;
  }
}

TEST(Math, ExponentialsHoldOverTheWholeRange) {
  const auto exact_exp = [](double x) { return std::exp(x); };
  const auto exact_expm1 = [](double x) { return std::expm1(x); };
  expect_close([](Vec x) { return exp(x); }, exact_exp, 2, -infinite, infinite, "exp");
  expect_close([](Vec x) { return exp_negative(x); }, exact_exp, 2, -infinite, 0, "exp_negative");
  expect_close([](Vec x) { return expm1(x); }, exact_expm1, 4, -infinite, infinite, "expm1");
  expect_close([](Vec x) { return expm1_negative(x); }, exact_expm1, 2, -infinite, 0,
               "expm1_negative");
}

TEST(Math, SineAndCosineHoldWithoutLimitOfTheirArgument) {
  const float largest = std::numeric_limits<float>::max();
  expect_close([](Vec x) { return sin(x); }, [](double x) { return std::sin(x); }, 3, -largest,
               largest, "sin");
  expect_close([](Vec x) { return cos(x); }, [](double x) { return std::cos(x); }, 3, -largest,
               largest, "cos");
  EXPECT_EQ(first(sin(Vec(infinite))), 0);
  EXPECT_EQ(first(cos(Vec(-infinite))), 0);
}

TEST(Math, LogarithmAndNormalDistributionHold) {
  expect_close([](Vec x) { return log1p_unit(x); }, [](double x) { return std::log1p(x); }, 2, 0, 1,
               "log1p_unit");
  expect_close([](Vec x) { return normal_cdf(x); },
               [](double x) { return std::erfc(-x * std::sqrt(0.5)) / 2; }, 6, -infinite, infinite,
               "normal_cdf");
}

}  // namespace
}  // namespace rectify::activation
