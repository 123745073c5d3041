// Stochastic units: means, variances and free energies against numerical integration of what their
// definitions say.

#include "rectify/activation/unit.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <functional>

#include "rectify/base/error.h"

namespace rectify::activation {
namespace {

double logistic(double x) { return 1 / (1 + std::exp(-x)); }

/// The mean of f(n) for a standard normal n, by Simpson's rule on [-12, 12].
double expect(const std::function<double(double)>& f) {
  constexpr int steps = 20000;
  constexpr double low = -12, h = 24.0 / steps;
  double sum = 0;
  for (int i = 0; i <= steps; ++i) {
    const double n = low + i * h, factor = i == 0 || i == steps ? 1 : i % 2 ? 4 : 2;
    sum += factor * f(n) * std::exp(-n * n / 2);
  }
  return sum * h / 3 / std::sqrt(2 * 3.14159265358979323846);
}

void expect_moments(const Unit& unit, int copies, const std::function<double(double, double)>& y) {
  for (double x = -8; x <= 12; x += 0.5) {
    const double mean = expect([&](double n) { return y(x, n); });
    const double square = expect([&](double n) { return y(x, n) * y(x, n); });
    EXPECT_NEAR(unit.mean(x, copies), mean, 1e-6 * (1 + std::abs(mean))) << unit.name << " " << x;
    EXPECT_NEAR(unit.variance(x, copies), square - mean * mean, 2e-6 * (1 + square))
        << unit.name << " " << x;
  }
}

TEST(Unit, MomentsOfNreluAreThoseOfItsDefinition) {
  expect_moments(unit("nrelu"), 1,
                 [](double x, double n) { return std::max(0.0, x + std::sqrt(logistic(x)) * n); });
}

TEST(Unit, MomentsOfCappedAreThoseOfItsDefinition) {
  for (const int copies : {1, 6, 20})
    expect_moments(unit("capped"), copies, [copies](double x, double n) {
      const double deviation = std::sqrt(logistic(x) - logistic(x - copies));
      return std::min<double>(copies, std::max(0.0, x + deviation * n));
    });
}

// Nair & Hinton 2010, section 2: infinitely many copies have a mean near ln(1 + exp(x)) and a
// variance near 1 / (1 + exp(-x)).
TEST(Unit, ManyCopiesAreNearlyWhatNreluStandsFor) {
  const Unit& stepped = unit("stepped");
  for (double x = -5; x <= 10; x += 0.25) {
    EXPECT_NEAR(stepped.mean(x, 60), std::log1p(std::exp(x)), 0.02) << x;
    EXPECT_NEAR(stepped.variance(x, 60), logistic(x), 0.02) << x;
  }
}

// The derivative of a unit's free energy in its input is its mean; for nrelu that of its copies.
TEST(Unit, FreeEnergyHasTheMeanAsDerivative) {
  constexpr double h = 1e-5;
  for (const char* name : {"binary", "bipolar", "gaussian", "stepped", "capped", "nrelu"}) {
    const Unit& of = unit(name);
    for (double x = -6; x <= 9; x += 0.3) {
      const std::array<double, 1> right = {x + h}, left = {x - h};
      const double slope = (of.free_energy(right, 7) - of.free_energy(left, 7)) / (2 * h);
      const bool copies = std::string_view(name) == "capped" || std::string_view(name) == "nrelu";
      const double mean = copies
                              ? unit("stepped").mean(x, std::string_view(name) == "nrelu" ? 80 : 7)
                              : of.mean(x, 7);
      EXPECT_NEAR(slope, mean, 1e-6 * (1 + std::abs(mean))) << name << " " << x;
    }
  }
}

TEST(Unit, FreeEnergyOfSoftmaxIsTheSumOverItsStates) {
  const std::array<double, 5> x = {0.5, -2, 3, 1000, 999};
  EXPECT_NEAR(unit("softmax").free_energy(x, 1), 1000 + std::log1p(std::exp(-1)), 1e-9);
}

TEST(Unit, KernelsOfMeansAgreeWithTheDefinition) {
  std::vector<float> x, y;
  for (double v = -30; v <= 30; v += 0.0625) x.push_back(static_cast<float>(v));
  y.resize(x.size());
  for (const Unit& unit : units()) {
    if (!unit.mean) continue;
    kernels(unit).mean(x.data(), y.data(), x.size(), 5);
    for (std::size_t i = 0; i < x.size(); ++i) {
      const double want = unit.mean(x[i], 5);
      EXPECT_NEAR(y[i], want, 2e-6 * (1 + std::abs(want))) << unit.name << " at " << x[i];
    }
  }
}

// Denormal numbers make products ten times as slow.
TEST(Unit, MeansOfRectifiersAreNeverDenormal) {
  std::vector<float> x, y;
  for (double v = -300; v <= 5; v += 0.05) x.push_back(static_cast<float>(v));
  y.resize(x.size());
  for (const char* name : {"nrelu", "capped"}) {
    kernels(unit(name)).mean(x.data(), y.data(), x.size(), 6);
    for (std::size_t i = 0; i < x.size(); ++i)
      EXPECT_TRUE(y[i] == 0 || y[i] > 1e-18f) << name << " at " << x[i] << ": " << y[i];
  }
}

TEST(Unit, UnknownTypeIsRefusedWithTheNearest) {
  try {
    unit("nrelo");
    FAIL();
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("nrelu"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace rectify::activation
