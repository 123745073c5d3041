// Rows one of whose numbers is learned or drawn: value, slopes, and the distributions of the drawn.

#include <gtest/gtest.h>

#include "rectify/activation/family.h"
#include "rectify/base/random.h"
#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

/// Within 6 units in the last place, or 2e-7 of it where it changes sign.
void expect_slope(float got, double want, std::string_view row, float x, float a) {
  if (std::abs(got - want) < 2e-7) return;
  EXPECT_LE(ulps(got, want), 6) << row << " " << x << " " << a;
}

TEST(Varying, KernelsAreTheOracleOnEveryInstructionSet) {
  const std::vector<float> x = sweep_points();
  std::vector<float> a(x.size()), y(x.size()), dx(x.size()), da(x.size(), 0.25f);
  const std::vector<float> ones(x.size(), 1.0f);
  for (std::size_t i = 0; i < a.size(); ++i) a[i] = static_cast<float>(i % 17) / 8 - 1;
  for (const Row& row : family()) {
    for (const std::string_view isa : instruction_sets()) {
      const Kernels& k = kernels(row, isa);
      EXPECT_EQ(k.forward_varying != nullptr, row.varying != Varying::none) << row.name;
      EXPECT_EQ(k.gradient_varying != nullptr, may_be_learned(row.varying)) << row.name;
      if (!k.forward_varying) continue;
      k.forward_varying(x.data(), a.data(), y.data(), x.size());
      k.backward_varying(x.data(), a.data(), ones.data(), dx.data(), x.size());
      if (k.gradient_varying)
        k.gradient_varying(x.data(), a.data(), ones.data(), da.data(), x.size());
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double want = row.value_at(x[i], a[i]);
        // A noisy sum that nearly cancels keeps the rounding of its terms.
        if (!(std::abs(y[i] - want) < 1e-6)) {
          EXPECT_LE(ulps(y[i], want), 6) << row.name << " " << isa << " " << x[i] << " " << a[i];
          EXPECT_EQ(std::isnan(dx[i]), std::isnan(x[i])) << row.name << " " << x[i];
        }
        if (!std::isnan(x[i]) && std::abs(want) > 1e-6)
          expect_slope(dx[i], row.slope_at(x[i], a[i]), row.name, x[i], a[i]);
        if (k.gradient_varying && std::isfinite(x[i]))
          expect_slope(da[i], 0.25 + row.parameter_slope(x[i], a[i]), row.name, x[i], a[i]);
      }
      std::fill(da.begin(), da.end(), 0.25f);
    }
  }
}

TEST(Varying, TheSlopeInALearnedNumberIsTheDifferenceQuotient) {
  for (const Row& row : family()) {
    if (!may_be_learned(row.varying)) continue;
    for (const double a : {-0.5, 0.0, 0.25, 1.0}) {
      for (double x = -4.05; x < 4; x += 0.1) {
        const double want = (row.value_at(x, a + 1e-6) - row.value_at(x, a - 1e-6)) / 2e-6;
        EXPECT_NEAR(row.parameter_slope(x, a), want, 1e-7) << row.name << " " << x;
      }
    }
  }
}

TEST(Varying, AtTheRowsOwnNumberIsTheRow) {
  for (const float x : {-3.0f, -0.5f, 0.0f, 2.0f}) {
    EXPECT_EQ(find("prelu").value_at(x, 0.25), find("prelu").value(x, {0.25}));
    EXPECT_EQ(find("elu").value_at(x, 2), find("elu").value(x, {2}));
    EXPECT_EQ(find("silu").value_at(x, 1.5), find("silu").value(x, {1.5}));
    EXPECT_NEAR(find("rrelu").value_at(x, 11.0 / 48), find("rrelu").value(x, {1.0 / 8, 1.0 / 3}),
                1e-15);
    EXPECT_EQ(find("noisy_relu").value_at(x, 0), find("noisy_relu").value(x, {}));
  }
}

struct Moments {
  double mean, variance;
};

/// Of the kernel's values at x over many draws of the varying number.
template <class Draw>
Moments sampled(const Row& row, float x, Draw draw) {
  constexpr std::size_t n = 1 << 17;
  std::vector<float> same(n, x), a(n), y(n);
  for (std::size_t i = 0; i < n; ++i) a[i] = static_cast<float>(draw(i));
  kernels(row).forward_varying(same.data(), a.data(), y.data(), n);
  double sum = 0, squares = 0;
  for (const float v : y) sum += v, squares += static_cast<double>(v) * v;
  return {sum / n, squares / n - sum / n * (sum / n)};
}

/// Five standard errors of a mean and of a variance (of a distribution without heavy tails).
void expect_close(const Moments& got, const Moments& want, float x) {
  constexpr double n = 1 << 17;
  EXPECT_NEAR(got.mean, want.mean, 5 * std::sqrt(want.variance / n) + 1e-6) << x;
  EXPECT_NEAR(got.variance, want.variance, 5 * std::sqrt(8 / n) * want.variance + 1e-6) << x;
}

TEST(Varying, RreluHasTheMomentsOfAUniformSlope) {
  const double low = 1.0 / 8, high = 1.0 / 3;
  const Random random(7);
  for (float x = -6; x <= 2; x += 0.5f) {
    const Moments got = sampled(
        find("rrelu"), x, [&](std::size_t i) { return low + (high - low) * random.uniform(i); });
    const double left = std::min(x, 0.0f);
    expect_close(
        got, {x > 0 ? x : x * (low + high) / 2, left * left * (high - low) * (high - low) / 12}, x);
  }
}

// The rectified normal distribution: with s² = sigmoid(x) the *variance* and t = x / s, the mean is
// x·Φ(t) + s·φ(t), the second moment (x² + s²)·Φ(t) + x·s·φ(t).
TEST(Varying, NoisyReluHasTheMomentsOfARectifiedNormal) {
  const Random random(8);
  for (float x = -3; x <= 6; x += 0.5f) {
    const Moments got =
        sampled(find("noisy_relu"), x, [&](std::size_t i) { return random.normal(i); });
    const double s = std::sqrt(sigmoid(double{x})), t = x / s;
    const double mean = x * normal_cdf(t) + s * normal_pdf(t);
    const double second = (x * x + s * s) * normal_cdf(t) + x * s * normal_pdf(t);
    const double variance = second - mean * mean;
    EXPECT_NEAR(got.mean, mean, 5 * std::sqrt(variance / (1 << 17)) + 1e-9) << x;
    EXPECT_NEAR(got.variance, variance, 0.08 * variance + 1e-6) << x;
  }
}

TEST(Varying, SteppedSigmoidIsNearSoftplusAndSaturates) {
  const Row &stepped = find("stepped_sigmoid"), &softplus = find("softplus");
  double worst = 0;
  for (double x = -20; x < 80; x += 0.01) {
    worst = std::max(worst, std::abs(stepped.value(x, {100}) - softplus.value(x, {})));
  }
  EXPECT_LT(worst, 0.011);
  EXPECT_GT(worst, 0.01);
  EXPECT_NEAR(stepped.value(1000, {100}), 100, 1e-9);
}

}  // namespace
}  // namespace rectify::activation
