#include <gtest/gtest.h>

#include <cstdlib>
#include <iostream>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

/// Units in the last place that a value or a slope may be off, against double precision.
double allowed(const Case& c, std::string_view isa) {
  const bool long_chain = c.row->name == "gelu" || c.row->name == "silu";
  return long_chain && isa == "baseline" ? 6 : 4;
}

/// The worst disagreement of a sweep.
struct Worst {
  double error = 0;
  float at = 0;
  void see(double e, float x) {
    if (e > error || std::isnan(e)) error = e, at = x;
  }
};

void expect_within(const Worst& worst, const Case& c, std::string_view isa, const char* what) {
  EXPECT_LE(worst.error, allowed(c, isa))
      << c.text() << " " << what << " on " << isa << " at x = " << worst.at;
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

/// elu and selu tell the slope for the output y < 0 as its difference from the value that y
/// approaches: a constant that is no float, such as selu's, is then off by its rounding.
bool within_rounding_of_constant(double off, double y) { return y < -1 && off < -3e-8 * y; }

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
      expect_within(worst, c, isa, "value");
    }
  }
}

TEST(Accuracy, SlopesFromWhatIsSavedOnEveryInstructionSet) {
  const std::vector<float> x = sweep_points(), ones(x.size(), 1.0f);
  std::vector<float> y(x.size()), dx(x.size());
  for (const Case& c : cases()) {
    const bool from_output = c.row->from_output(c.p);
    for (const std::string_view isa : instruction_sets()) {
      const Kernels& k = kernels(*c.row, isa);
      k.forward(x.data(), y.data(), x.size(), c.p);
      k.backward(from_output ? y.data() : x.data(), ones.data(), dx.data(), x.size(), c.p);
      Worst worst;
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double want = from_output ? c.row->output_slope(y[i], c.p) : c.row->slope(x[i], c.p);
        double error = ulps(dx[i], want);
        const double off = std::abs(dx[i] - want);
        if (error > allowed(c, isa) && off < 1e-7 && near_sign_change(c, x[i])) error = 0;
        if (from_output && within_rounding_of_constant(off, y[i])) error = 0;
        worst.see(error, x[i]);
      }
      expect_within(worst, c, isa, "slope");
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
      k.backward(y.data(), ones.data(), dx.data(), x.size(), c.p);
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
