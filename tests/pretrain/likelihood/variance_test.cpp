// Machines whose gaussian visible units have variances of their own, against sums over all hidden
// states in double precision.
#include <gtest/gtest.h>

#include <cmath>
#include <numbers>

#include "rectify/pretrain/likelihood/annealing.h"
#include "rectify/pretrain/likelihood/exact.h"
#include "rectify/pretrain/likelihood/likelihood.h"
#include "tests/pretrain/likelihood/small_machine.h"

namespace rectify::pretrain {
namespace {

constexpr std::size_t d = 4, h = 3;

/// A machine of binary hidden units in doubles; z: logarithms of variances.
struct Doubles {
  std::vector<double> w, b, c, z;

  explicit Doubles(const Machine& m)
      : w(m.weight.begin(), m.weight.end()),
        b(m.visible_bias.begin(), m.visible_bias.end()),
        c(m.hidden_bias.begin(), m.hidden_bias.end()) {
    for (const double variance : m.variance) z.push_back(std::log(variance));
  }

  /// ln of the sum over all h of what `term` says of them, whose exponents are as energies have it.
  template <class Term>
  double sum_over_hidden(Term&& term) const {
    double sum = 0;
    for (unsigned state = 0; state < 1u << h; ++state) {
      double exponent = 0, down[d] = {};
      for (std::size_t j = 0; j < h; ++j) {
        if (!(state >> j & 1)) continue;
        exponent += c[j];
        for (std::size_t i = 0; i < d; ++i) down[i] += w[i * h + j];
      }
      for (std::size_t i = 0; i < d; ++i) exponent += term(i, down[i]);
      sum += std::exp(exponent);
    }
    return std::log(sum);
  }
  double log_z() const {
    // The integral of exp(-(v - b)²/(2 s²) + v m / s²) over v.
    return sum_over_hidden([&](std::size_t i, double m) {
      const double variance = std::exp(z[i]);
      return std::log(2 * std::numbers::pi * variance) / 2 + (b[i] * m + m * m / 2) / variance;
    });
  }
  double minus_free_energy(const float* v) const {
    return sum_over_hidden([&](std::size_t i, double m) {
      return (-(v[i] - b[i]) * (v[i] - b[i]) / 2 + v[i] * m) / std::exp(z[i]);
    });
  }
  double likelihood(std::span<const float> rows) const {
    double sum = 0;
    for (std::size_t r = 0; r < rows.size(); r += d) sum += minus_free_energy(&rows[r]);
    return sum * d / static_cast<double>(rows.size()) - log_z();
  }
};

Machine uneven_machine() {
  Machine machine = small_machine("gaussian", d, "binary", h, 3, 0.6);
  machine.variance = {0.3f, 1, 2.5f, 0.8f};
  return machine;
}

const std::vector<float> rows = {0.4f, -1, 2, 0.3f, 1, 0, -0.7f, 1.2f, -0.2f, 0.5f, 0.9f, -1.1f};

TEST(LearnedVariance, FreeEnergiesAndPartitionFunctionAreThoseOfAllStates) {
  const Machine machine = uneven_machine();
  const Doubles want(machine);
  ThreadPool threads(1);
  EXPECT_NEAR(exact_log_partition(machine, threads), want.log_z(), 1e-5);
  const std::vector<double> energies = free_energies(machine, rows, threads);
  for (std::size_t r = 0; r < energies.size(); ++r)
    EXPECT_NEAR(energies[r], -want.minus_free_energy(&rows[r * d]), 1e-5) << r;
  const LogLikelihood likelihood =
      log_likelihood(machine, rows, {}, LikelihoodMethod::automatic, {}, threads);
  EXPECT_NEAR(likelihood.of(*likelihood.exact), want.likelihood(rows), 1e-5);
}

TEST(LearnedVariance, ExactGradientIsThatOfDifferences) {
  const Machine machine = uneven_machine();
  Doubles at(machine);
  ThreadPool threads(1);
  const LikelihoodGradient gradient = exact_gradient(machine, rows, threads);
  const auto expect_slopes = [&](std::vector<double>& numbers, const std::vector<double>& got) {
    ASSERT_EQ(numbers.size(), got.size());
    for (std::size_t i = 0; i < numbers.size(); ++i) {
      constexpr double step = 1e-4;
      const double middle = numbers[i];
      numbers[i] = middle + step;
      const double up = at.likelihood(rows);
      numbers[i] = middle - step;
      const double down = at.likelihood(rows);
      numbers[i] = middle;
      EXPECT_NEAR(got[i], (up - down) / (2 * step), 2e-5) << i;
    }
  };
  expect_slopes(at.w, gradient.weight);
  expect_slopes(at.b, gradient.visible_bias);
  expect_slopes(at.c, gradient.hidden_bias);
  expect_slopes(at.z, gradient.log_variance);
}

TEST(LearnedVariance, AnnealingBracketsTheExactPartitionFunction) {
  const Machine machine = uneven_machine();
  ThreadPool threads(1);
  const std::vector<double> mean = {0.4, -0.2, 0.7, 0.1};
  Annealing annealing(machine, mean, {.chains = 200, .temperatures = 300}, threads);
  const double exact = Doubles(machine).log_z();
  const LogPartitionEstimate forward = annealing.forward(), back = annealing.reverse_from_model();
  EXPECT_NEAR(forward.log_z, exact, 0.1);
  EXPECT_LE(forward.low, exact);
  EXPECT_GE(forward.high, exact);
  EXPECT_NEAR(back.log_z, exact, 0.1);
  const LogPartitionEstimate raise = annealing.reverse_from(rows);
  EXPECT_NEAR(raise.log_z, exact, 0.3);
}

}  // namespace
}  // namespace rectify::pretrain
