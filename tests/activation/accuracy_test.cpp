#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

/// The worst disagreement of a sweep.
struct Worst {
  double error = 0;
  float at = 0;
  void see(double e, float x) {
    if (e > error || std::isnan(e)) error = e, at = x;
  }
};

void expect_within(const Worst& worst, double allowed, const Case& c, std::string_view isa,
                   const char* what) {
  EXPECT_LE(worst.error, allowed) << c.text() << " " << what << " on " << isa
                                  << " at x = " << worst.at;
  if (std::getenv("RECTIFY_VERBOSE")) {
    std::cout << c.text() << " " << what << " on " << isa << ": " << worst.error << " ulp at "
              << worst.at << "\n";
  }
}

/// slope(x) changes its sign within 0.5 of x (of beta·x for silu).
bool near_sign_change(const Case& c, double x) {
  const double reach = c.row->name == "silu" ? 0.5 / c.p[0] : 0.5;
  const auto negative = [&](double at) { return std::signbit(c.row->slope(at, c.p)); };
  return negative(x - reach) != negative(x) || negative(x) != negative(x + reach);
}

TEST(Accuracy, ValuesOnEveryInstructionSet) {
  const std::vector<float> x = sweep_points();
  std::vector<float> y(x.size());
  for (const Case& c : cases()) {
    std::vector<double> want;
    for (const float point : x) want.push_back(c.row->value(point, c.p));
    for (const std::string_view isa : instruction_sets()) {
      kernels(*c.row, isa).forward(x.data(), y.data(), x.size(), c.p);
      Worst worst;
      for (std::size_t i = 0; i < x.size(); ++i) worst.see(ulps(y[i], want[i]), x[i]);
      expect_within(worst, c.row->accuracy.value, c, isa, "value");
    }
  }
}

TEST(Accuracy, SlopesOnEveryInstructionSet) {
  const std::vector<float> x = sweep_points(), ones(x.size(), 1.0f);
  std::vector<float> dx(x.size());
  for (const Case& c : cases()) {
    std::vector<double> want;
    for (const float point : x) want.push_back(c.row->slope(point, c.p));
    for (const std::string_view isa : instruction_sets()) {
      kernels(*c.row, isa).backward(x.data(), ones.data(), dx.data(), x.size(), c.p);
      Worst worst;
      for (std::size_t i = 0; i < x.size(); ++i) {
        double error = ulps(dx[i], want[i]);
        const bool close = std::abs(dx[i] - want[i]) < 1e-7;
        if (error > c.row->accuracy.slope && close && near_sign_change(c, x[i])) error = 0;
        worst.see(error, x[i]);
      }
      expect_within(worst, c.row->accuracy.slope, c, isa, "slope");
    }
  }
}

// An output that saturates is rounded to the spacing there, and so is the slope that it tells.
TEST(Accuracy, SlopesFromTheOutputAreTheDerivativeToTheSpacingOfTheOutput) {
  const std::vector<float> x = sweep_points(), ones(x.size(), 1.0f);
  std::vector<float> y(x.size()), dx(x.size());
  for (const Case& c : cases()) {
    if (!c.row->from_output(c.p)) continue;
    const double scale = std::max(1.0, properties(*c.row, c.p).largest_slope);
    for (const std::string_view isa : instruction_sets()) {
      const Kernels& k = kernels(*c.row, isa);
      k.forward(x.data(), y.data(), x.size(), c.p);
      k.backward_from_output(y.data(), ones.data(), dx.data(), x.size(), c.p);
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double want = c.row->slope(x[i], c.p);
        if (std::isnan(want) && std::isnan(dx[i])) continue;
        ASSERT_NEAR(dx[i], want, 4e-7 * scale) << c.text() << " on " << isa << " at " << x[i];
      }
    }
  }
}

}  // namespace
}  // namespace rectify::activation
