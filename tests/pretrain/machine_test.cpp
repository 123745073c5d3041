// Free energies against sums over all states of the hidden units.

#include "rectify/pretrain/machine.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/random.h"
#include "tests/helpers.h"

namespace rectify::pretrain {
namespace {

Machine drawn(const char* visible, const char* hidden, std::size_t v, std::size_t h, int copies) {
  const Random random(3);
  Machine machine{.visible = &activation::unit(visible),
                  .hidden = &activation::unit(hidden),
                  .copies = copies,
                  .weight = std::vector<float>(v * h),
                  .visible_bias = std::vector<float>(v),
                  .hidden_bias = std::vector<float>(h)};
  std::size_t i = 0;
  for (std::vector<float>* all : {&machine.weight, &machine.visible_bias, &machine.hidden_bias})
    for (float& x : *all) x = static_cast<float>(0.7 * random.normal(i++));
  return machine;
}

/// The logarithm of the sum over `states` states of each hidden unit of exp(-energy), where the
/// state s of a unit weighs exp(x s - cost(s)).
double log_sum(const Machine& m, const std::vector<float>& v, int states,
               const std::function<double(int)>& log_weight) {
  double visible = 0;
  const bool gaussian = m.visible->name == "gaussian";
  for (std::size_t i = 0; i < v.size(); ++i)
    visible += gaussian ? -std::pow(v[i] - m.visible_bias[i], 2) / 2 : m.visible_bias[i] * v[i];
  const std::size_t h = m.hidden_units();
  double sum = 0;
  for (long code = 0; code < std::lround(std::pow(states, h)); ++code) {
    long rest = code;
    double energy = visible;
    for (std::size_t j = 0; j < h; ++j, rest /= states) {
      const int s = static_cast<int>(rest % states);
      double x = m.hidden_bias[j];
      for (std::size_t i = 0; i < v.size(); ++i) x += v[i] * m.weight[i * h + j];
      energy += x * s + log_weight(s);
    }
    sum += std::exp(energy);
  }
  return std::log(sum);
}

std::vector<float> rows_for(const Machine& m, std::size_t rows) {
  std::vector<float> all(rows * m.visible_units());
  for (std::size_t i = 0; i < all.size(); ++i)
    all[i] = m.visible->name == "gaussian" ? static_cast<float>(Random(9).normal(i))
                                           : static_cast<float>(Random(9).word(i) % 2);
  return all;
}

void expect_sums(const Machine& m, int states, const std::function<double(int)>& log_weight) {
  ThreadPool threads(2);
  const std::vector<float> rows = rows_for(m, 7);
  const std::vector<double> energies = free_energies(m, rows, threads);
  for (std::size_t r = 0; r < 7; ++r) {
    const std::vector<float> v(rows.begin() + static_cast<long>(r * m.visible_units()),
                               rows.begin() + static_cast<long>((r + 1) * m.visible_units()));
    EXPECT_NEAR(-energies[r], log_sum(m, v, states, log_weight), 1e-4) << m.hidden->name;
  }
}

TEST(Machine, FreeEnergyOfBinaryUnitsIsTheSumOverTheirStates) {
  for (const char* visible : {"binary", "gaussian"})
    expect_sums(drawn(visible, "binary", 5, 6, 1), 2, [](int) { return 0.0; });
}

TEST(Machine, FreeEnergyOfBipolarUnitsIsTheSumOverTheirStates) {
  const Machine m = drawn("binary", "bipolar", 5, 6, 1);
  ThreadPool threads(1);
  const std::vector<float> rows = rows_for(m, 4);
  const std::vector<double> energies = free_energies(m, rows, threads);
  for (std::size_t r = 0; r < 4; ++r) {
    double sum = 0;
    for (int code = 0; code < 64; ++code) {
      double log_weight = 0;
      for (std::size_t i = 0; i < 5; ++i) log_weight += m.visible_bias[i] * rows[r * 5 + i];
      for (std::size_t j = 0; j < 6; ++j) {
        double x = m.hidden_bias[j];
        for (std::size_t i = 0; i < 5; ++i) x += rows[r * 5 + i] * m.weight[i * 6 + j];
        log_weight += code >> j & 1 ? x : -x;
      }
      sum += std::exp(log_weight);
    }
    EXPECT_NEAR(-energies[r], std::log(sum), 1e-4);
  }
}

// The state s of a stepped unit: any s of n copies, whose inputs are x - 1/2, x - 3/2, ... The sum
// over which of them is an elementary symmetric polynomial of exp(1/2 - i).
TEST(Machine, FreeEnergyOfCopiesIsTheSumOverTheirStates) {
  constexpr int copies = 3;
  double symmetric[copies + 1] = {1};
  for (int i = 1; i <= copies; ++i)
    for (int s = i; s > 0; --s) symmetric[s] += symmetric[s - 1] * std::exp(0.5 - i);
  for (const char* hidden : {"stepped", "capped"})
    expect_sums(drawn("binary", hidden, 5, 4, copies), copies + 1,
                [&](int s) { return std::log(symmetric[s]); });
}

TEST(Machine, TotalInputsAreProductsBothWays) {
  const Machine m = drawn("binary", "binary", 13, 7, 1);
  ThreadPool threads(2);
  const std::vector<float> v = rows_for(m, 600);
  const std::vector<float> x = hidden_inputs(m, v, threads);
  std::vector<float> h(600 * 7, 0);
  for (std::size_t i = 0; i < h.size(); i += 3) h[i] = 1;
  const std::vector<float> y = visible_inputs(m, h, threads);
  for (const std::size_t r : {std::size_t{0}, std::size_t{499}, std::size_t{599}}) {
    for (std::size_t j = 0; j < 7; ++j) {
      double want = m.hidden_bias[j];
      for (std::size_t i = 0; i < 13; ++i) want += v[r * 13 + i] * m.weight[i * 7 + j];
      EXPECT_NEAR(x[r * 7 + j], want, 1e-5);
    }
    for (std::size_t i = 0; i < 13; ++i) {
      double want = m.visible_bias[i];
      for (std::size_t j = 0; j < 7; ++j) want += h[r * 7 + j] * m.weight[i * 7 + j];
      EXPECT_NEAR(y[r * 13 + i], want, 1e-5);
    }
  }
}

TEST(Machine, FreeEnergyOfOtherVisibleUnitsIsRefused) {
  ThreadPool threads(1);
  const Machine m = drawn("nrelu", "binary", 3, 3, 1);
  EXPECT_PRED2(contains, error_of([&] { free_energies(m, rows_for(m, 1), threads); }),
               "only of binary and gaussian");
}

TEST(Machine, RefusesNumbersThatAreNotWholeRows) {
  const Machine m = drawn("gaussian", "binary", 3, 2, 1);
  ThreadPool threads(1);
  const std::vector<float> rows(7, 1.0f), one(1, 1.0f);
  for (const std::string& said : {error_of([&] { free_energies(m, rows, threads); }),
                                  error_of([&] { hidden_inputs(m, rows, threads); }),
                                  error_of([&] { standardised_rows(m, rows); })})
    EXPECT_PRED2(contains, said, "7 numbers are not whole rows of 3 visible units");
  EXPECT_PRED2(contains, error_of([&] { visible_inputs(m, one, threads); }),
               "1 numbers are not whole rows of 2 hidden units");
  EXPECT_TRUE(free_energies(m, {}, threads).empty());
}

TEST(Machine, RefusesWeightsAndVariancesThatDoNotFitItsUnits) {
  ThreadPool threads(1);
  const std::vector<float> row(3, 1.0f);
  for (const std::size_t size : {std::size_t{0}, std::size_t{5}, std::size_t{1} << 20}) {
    Machine m = drawn("binary", "binary", 3, 2, 1);
    m.weight.assign(size, 1);
    EXPECT_PRED2(contains, error_of([&] { free_energies(m, row, threads); }),
                 "3 visible and 2 hidden units wants 3 x 2 weights, not " + std::to_string(size));
  }
  Machine m = drawn("gaussian", "binary", 3, 2, 1);
  m.variance = {1, 2};
  for (const std::string& said :
       {error_of([&] { standardised(m); }), error_of([&] { standardised_rows(m, row); }),
        error_of([&] { free_energies(m, row, threads); })})
    EXPECT_PRED2(contains, said, "3 visible units wants a variance for each of them, not 2");
  m = drawn("binary", "binary", 3, 2, 1);
  m.hidden_bias.clear();
  EXPECT_PRED2(contains, error_of([&] { hidden_inputs(m, row, threads); }), "not 3 and 0 of them");
}

}  // namespace
}  // namespace rectify::pretrain
