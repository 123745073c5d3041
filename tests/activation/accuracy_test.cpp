#include <gtest/gtest.h>

#include <algorithm>
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

/// Within 0.5 of x (of beta·x for silu) the slope changes its sign, or touches 0 in passing; or
/// floats lie further apart than that.
bool near_zero_slope(const Case& c, double x) {
  const double reach = c.row->name == "silu" ? 0.5 / c.p[0] : 0.5;
  if (std::abs(x) > 0x1p23) return true;
  constexpr int steps = 64;
  double size[steps + 1];
  bool negative = false, positive = false;
  for (int i = 0; i <= steps; ++i) {
    const double slope = c.row->slope(x + reach * (2.0 * i / steps - 1), c.p);
    negative |= std::signbit(slope), positive |= !std::signbit(slope);
    size[i] = std::abs(slope);
  }
  const auto least = std::min_element(size, size + steps + 1);
  const bool inside = *least < size[0] && *least < size[steps];
  return (negative && positive) || (inside && *least < 1e-2 * std::max(size[0], size[steps]));
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
        if (error > c.row->accuracy.slope && close && near_zero_slope(c, x[i])) error = 0;
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
