// Annealed importance sampling against exact partition functions.
#include "rectify/pretrain/likelihood/annealing.h"

#include <gtest/gtest.h>

#include <iostream>

#include "rectify/pretrain/likelihood/exact.h"
#include "tests/helpers.h"
#include "tests/pretrain/likelihood/small_machine.h"

namespace rectify::pretrain {
namespace {

TEST(Annealing, BracketsTheTruePartitionFunctionInAtLeast95Of100Machines) {
  ThreadPool threads(1);  // machines so small are faster on one
  const char* const hidden[] = {"binary", "nrelu", "softmax", "stepped", "bipolar", "gaussian"};
  int in_interval = 0, bracketed = 0;
  for (std::uint64_t seed = 0; seed < 100; ++seed) {
    const bool gaussian = seed % 10 == 5;  // with binary hidden units
    const Machine machine =
        small_machine(gaussian ? "gaussian" : "binary", 4 + seed % 9,
                      gaussian ? "binary" : hidden[seed % 6], 3 + seed % 7, 1000 + seed, 0.6);
    const double exact = exact_log_partition(machine, threads);
    Annealing annealing(machine, {}, {.chains = 60, .temperatures = 100, .seed = seed}, threads);
    const LogPartitionEstimate up = annealing.forward();
    const LogPartitionEstimate down = annealing.reverse_from_model();
    in_interval += up.low <= exact && exact <= up.high;
    bracketed += up.low <= exact && exact <= down.high;
    EXPECT_NEAR(up.log_z, exact, 0.5) << seed;
    EXPECT_NEAR(down.log_z, exact, 0.5) << seed;
  }
  std::cout << "in the stated interval: " << in_interval << " of 100, bracketed: " << bracketed
            << " of 100\n";
  EXPECT_GE(in_interval, 95);
  EXPECT_GE(bracketed, 95);
}

TEST(Annealing, IsTheSameBitsForAnyNumberOfThreads) {
  for (const char* hidden : {"binary", "nrelu"}) {
    const Machine machine = small_machine("binary", 30, hidden, 20, 3, 0.2);
    std::vector<std::vector<double>> weights;
    for (const int count : {1, 2, 3}) {
      ThreadPool threads(count);
      Annealing annealing(machine, {}, {.chains = 20, .temperatures = 30}, threads);
      std::vector<double> all = annealing.forward().of_chain;
      for (const double w : annealing.reverse_from_model().of_chain) all.push_back(w);
      weights.push_back(all);
    }
    EXPECT_EQ(weights[0], weights[1]);
    EXPECT_EQ(weights[0], weights[2]);
  }
}

TEST(Annealing, NeedsNoStepsForTheBaseRateModelItself) {
  // Without weights the machine is the model that the chains start from, if the means are its own.
  Machine machine = small_machine("binary", 5, "binary", 4, 1, 0);
  std::vector<double> means;
  for (const float b : machine.visible_bias) means.push_back(1 / (1 + std::exp(-b)));
  for (float& c : machine.hidden_bias) c = 0;
  ThreadPool threads(1);
  Annealing annealing(machine, means, {.chains = 4, .temperatures = 1}, threads);
  const LogPartitionEstimate estimate = annealing.forward();
  EXPECT_NEAR(estimate.log_z, exact_log_partition(machine, threads), 1e-5);
  EXPECT_NEAR(estimate.high - estimate.low, 0, 1e-5);
  EXPECT_NEAR(estimate.effective_chains, 4, 1e-4);
}

TEST(Annealing, StartsBackwardsAtAsManySamplesAsThereAre) {
  const Machine machine = small_machine("binary", 6, "binary", 5, 2, 0.5);
  ThreadPool threads(2);
  Annealing annealing(machine, {}, {.chains = 4, .temperatures = 200}, threads);
  std::vector<float> rows;
  for (std::uint64_t i = 0; i < 6 * 7; ++i) rows.push_back(Random(8).uniform(i) < 0.5f ? 0 : 1);
  const LogPartitionEstimate estimate = annealing.reverse_from(rows);
  ASSERT_EQ(estimate.of_chain.size(), 7u);
  const double exact = exact_log_partition(machine, threads);
  for (const double z : estimate.of_chain) EXPECT_NEAR(z, exact, 1.5);
  EXPECT_NEAR(estimate.log_z, exact, 0.5);
}

TEST(Annealing, RefusesWrongUses) {
  ThreadPool threads(1);
  const auto said = [&](const Machine& machine, std::vector<double> means, AnnealingOptions options,
                        const char* words) {
    const std::string error =
        error_of([&] { Annealing annealing(machine, means, options, threads); });
    EXPECT_TRUE(contains(error, words)) << error;
  };
  const Machine machine = small_machine("binary", 3, "binary", 2, 1);
  said(small_machine("nrelu", 3, "binary", 2, 1), {}, {}, "nrelu visible units is not known");
  said(machine, {0.5}, {}, "3 visible units, but the data 1");
  said(machine, {}, {.chains = 1}, "chains");
  said(machine, {}, {.temperatures = 0}, "temperatures");
}

}  // namespace
}  // namespace rectify::pretrain
