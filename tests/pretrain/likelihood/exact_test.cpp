// The partition function by enumeration against plain sums over all states of both sides, and
// against integrals on a grid.
#include "rectify/pretrain/likelihood/exact.h"

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>

#include "rectify/pretrain/likelihood/copies.h"
#include "tests/helpers.h"
#include "tests/pretrain/likelihood/small_machine.h"

namespace rectify::pretrain {
namespace {

double softplus(double x) { return std::log1p(std::exp(-std::fabs(x))) + std::fmax(0, x); }

/// Sum over i = 1 ... n of ln(1 + exp(x - i + 1/2)).
double copies_sum(double x, int n) {
  double sum = 0;
  for (int i = n; i >= 1; --i) sum += softplus(x - i + 0.5);
  return sum;
}

double input(const Machine& m, const std::vector<double>& v, std::size_t j) {
  double x = m.hidden_bias[j];
  for (std::size_t i = 0; i < v.size(); ++i) x += v[i] * m.weight[i * m.hidden_units() + j];
  return x;
}

/// The logarithm of what the hidden units sum to, from the definition of each type.
double hidden_sum(const Machine& m, const std::vector<double>& v) {
  double sum = 0, exponentials = 0;
  for (std::size_t j = 0; j < m.hidden_units(); ++j) {
    const double x = input(m, v, j);
    if (m.hidden->name == "binary") sum += softplus(x);
    if (m.hidden->name == "bipolar") sum += std::log(std::exp(x) + std::exp(-x));
    if (m.hidden->name == "gaussian") sum += x * x / 2;
    if (m.hidden->name == "stepped" || m.hidden->name == "capped") sum += copies_sum(x, m.copies);
    if (m.hidden->name == "nrelu") sum += copies_sum(x, 400);
    exponentials += std::exp(x);
  }
  return m.hidden->name == "softmax" ? std::log(exponentials) : sum;
}

double log_partition_of_binary_visible(const Machine& m) {
  double z = 0;
  const std::size_t d = m.visible_units();
  for (std::size_t state = 0; state < std::size_t{1} << d; ++state) {
    std::vector<double> v(d);
    double energy = 0;
    for (std::size_t i = 0; i < d; ++i) {
      v[i] = state >> i & 1;
      energy += v[i] * m.visible_bias[i];
    }
    z += std::exp(energy + hidden_sum(m, v));
  }
  return std::log(z);
}

/// Two visible units, by the trapezoidal rule, which is exact to rounding for what decays so fast.
double log_partition_of_two_gaussian(const Machine& m) {
  double z = 0;
  constexpr double step = 0.05;
  for (double a = -30; a <= 30; a += step)
    for (double b = -30; b <= 30; b += step) {
      const double from_a = a - m.visible_bias[0], from_b = b - m.visible_bias[1];
      z += std::exp(hidden_sum(m, {a, b}) - (from_a * from_a + from_b * from_b) / 2) * step * step;
    }
  return std::log(z);
}

TEST(CopyCount, IsTheSumOverCopies) {
  for (const int n : {1, 3, 6, 50})
    for (const double x : {-200.0, -30.0, -3.0, 0.0, 0.4, 2.5, 7.0, 49.6, 300.0})
      EXPECT_NEAR(CopyCount(n).log_sum(x), copies_sum(x, n), 1e-12 * (1 + copies_sum(x, n)))
          << n << " copies, " << x;
  const CopyCount all(std::numeric_limits<double>::infinity());
  for (const double x : {-20.0, 0.0, 3.3, 40.2, 250.0})
    EXPECT_NEAR(all.log_sum(x), copies_sum(x, 400), 1e-11 * (1 + copies_sum(x, 400))) << x;
}

TEST(CopyCount, SamplesWithTheProbabilitiesOfCopies) {
  // Of three copies with inputs 1/2, -1/2, -3/2: none is on with probability p, all with q.
  const auto on = [](double x) { return 1 / (1 + std::exp(-x)); };
  const double p = (1 - on(0.5)) * (1 - on(-0.5)) * (1 - on(-1.5));
  const double q = on(0.5) * on(-0.5) * on(-1.5);
  const CopyCount count(3);
  EXPECT_EQ(count.sample(1, p - 1e-6), 0);
  EXPECT_EQ(count.sample(1, p + 1e-6), 1);
  EXPECT_EQ(count.sample(1, 1 - q - 1e-6), 2);
  EXPECT_EQ(count.sample(1, 1 - q + 1e-6), 3);
  EXPECT_NEAR(count.mean(1), on(0.5) + on(-0.5) + on(-1.5), 1e-12);
}

TEST(ExactLogPartition, IsTheSumOverAllStates) {
  ThreadPool threads(2);
  for (const char* hidden :
       {"binary", "bipolar", "gaussian", "softmax", "nrelu", "stepped", "capped"})
    for (const auto& [d, h] : {std::pair<std::size_t, std::size_t>{3, 9}, {9, 2}, {14, 3}}) {
      const Machine machine = small_machine("binary", d, hidden, h, d * 100 + h, 0.6);
      ASSERT_TRUE(has_exact_log_partition(machine));
      const double z = log_partition_of_binary_visible(machine);
      EXPECT_NEAR(exact_log_partition(machine, threads), z, 1e-5) << hidden << ' ' << d << 'x' << h;
    }
}

TEST(ExactLogPartition, IsTheIntegralOverGaussianUnits) {
  ThreadPool threads(2);
  for (const char* hidden : {"binary", "bipolar", "gaussian", "softmax", "stepped", "capped"}) {
    const Machine machine = small_machine("gaussian", 2, hidden, 3, 5, 0.4);
    EXPECT_NEAR(exact_log_partition(machine, threads), log_partition_of_two_gaussian(machine), 1e-5)
        << hidden;
  }
}

TEST(ExactLogPartition, RefusesWhatItCannotHave) {
  ThreadPool threads(1);
  const auto said = [&](const Machine& machine, const char* words) {
    const std::string error = error_of([&] { exact_log_partition(machine, threads); });
    EXPECT_TRUE(contains(error, words)) << error;
  };
  said(small_machine("binary", 40, "binary", 40, 1), "2^25");
  said(small_machine("nrelu", 3, "binary", 3, 1), "binary or gaussian");
  said(small_machine("gaussian", 3, "nrelu", 3, 1), "cannot be enumerated");
  said(small_machine("gaussian", 3, "gaussian", 3, 1, 3), "has no partition function");
  EXPECT_FALSE(has_exact_log_partition(small_machine("binary", 40, "binary", 40, 1)));
}

TEST(ExactGradient, IsTheDifferenceQuotient) {
  ThreadPool threads(2);
  const std::vector<float> rows = {1, 0, 0, 1, 1, 0, 0, 1, 1, 1, 0, 0};
  for (const char* visible : {"binary", "gaussian"})
    for (const char* hidden : {"binary", "bipolar", "softmax", "stepped", "nrelu"}) {
      if (std::string(visible) == "gaussian" && std::string(hidden) == "nrelu") continue;
      Machine machine = small_machine(visible, 4, hidden, 2, 7, 0.5);
      const LikelihoodGradient gradient = exact_gradient(machine, rows, threads);
      const auto mean_log = [&] {
        double sum = 0;
        for (const double f : free_energies(machine, rows, threads)) sum -= f / 3;
        return sum - exact_log_partition(machine, threads);
      };
      const auto quotient = [&](float& at) {
        const float before = at, step = 0.015625f;
        at = before + step;
        const double up = mean_log();
        at = before - step;
        const double down = mean_log();
        at = before;
        return (up - down) / (2 * static_cast<double>(step));
      };
      for (std::size_t i = 0; i < 8; ++i)
        EXPECT_NEAR(gradient.weight[i], quotient(machine.weight[i]), 2e-3) << visible << hidden;
      for (std::size_t j = 0; j < 2; ++j)
        EXPECT_NEAR(gradient.hidden_bias[j], quotient(machine.hidden_bias[j]), 2e-3) << hidden;
      if (std::string(visible) == "gaussian") continue;
      for (std::size_t i = 0; i < 4; ++i)
        EXPECT_NEAR(gradient.visible_bias[i], quotient(machine.visible_bias[i]), 2e-3) << hidden;
    }
}

}  // namespace
}  // namespace rectify::pretrain
