#include "rectify/pretrain/likelihood/likelihood.h"

#include <gtest/gtest.h>

#include "rectify/pretrain/likelihood/exact.h"
#include "tests/helpers.h"
#include "tests/pretrain/likelihood/small_machine.h"

namespace rectify::pretrain {
namespace {

TEST(Separation, IsTheShareOfPairsInOrder) {
  // Of the six pairs (usual, unusual), 1 < 2, 1 < 3, 2 < 3 count, 2 = 2 half, and 4 > 2, 4 > 3 not.
  EXPECT_DOUBLE_EQ(separation(std::vector<double>{4, 1, 2}, std::vector<double>{2, 3}), 3.5 / 6);
  EXPECT_DOUBLE_EQ(separation(std::vector<double>{1, 2}, std::vector<double>{5}), 1);
}

TEST(Binarise, CutsOrDraws) {
  std::vector<float> cut = {0, 0.4f, 0.5f, 0.6f, 1};
  binarise(cut, Binarise::half, 1);
  EXPECT_EQ(cut, (std::vector<float>{0, 0, 0, 1, 1}));
  std::vector<float> drawn(10000, 0.3f);
  binarise(drawn, Binarise::draw, 1);
  double mean = 0;
  for (const float x : drawn) {
    EXPECT_TRUE(x == 0 || x == 1);
    mean += x / 10000;
  }
  EXPECT_NEAR(mean, 0.3, 0.02);
  std::vector<float> kept = {0.25f};
  binarise(kept, Binarise::no, 1);
  EXPECT_EQ(kept[0], 0.25f);
}

TEST(LogLikelihood, OfAllStatesSumsToOne) {
  ThreadPool threads(2);
  const Machine machine = small_machine("binary", 3, "binary", 2, 4);
  double total = 0;
  for (int state = 0; state < 8; ++state) {
    const std::vector<float> row = {static_cast<float>(state & 1),
                                    static_cast<float>(state >> 1 & 1),
                                    static_cast<float>(state >> 2)};
    const LogLikelihood one =
        log_likelihood(machine, row, {}, LikelihoodMethod::automatic, {}, threads);
    ASSERT_TRUE(one.exact);
    total += std::exp(one.of(*one.exact));
  }
  EXPECT_NEAR(total, 1, 1e-5);
}

TEST(LogLikelihood, IsEstimatedFromBothSides) {
  ThreadPool threads(2);
  const Machine machine = small_machine("binary", 6, "binary", 4, 4);
  std::vector<float> rows;
  for (std::uint64_t i = 0; i < 60; ++i) rows.push_back(Random(8).uniform(i) < 0.5 ? 0.0f : 1.0f);
  const LogLikelihood estimated = log_likelihood(machine, rows, {}, LikelihoodMethod::ais,
                                                 {.chains = 200, .temperatures = 200}, threads);
  EXPECT_FALSE(estimated.exact);
  const double exact = exact_log_partition(machine, threads);
  EXPECT_LE(estimated.forward.low, exact);
  EXPECT_GE(estimated.reverse.high, exact);
  EXPECT_EQ(estimated.raise.of_chain.size(), 10u);
  EXPECT_NEAR(estimated.raise.log_z, exact, 0.3);
}

TEST(LogLikelihood, RefusesWhatHasNone) {
  ThreadPool threads(1);
  const auto said = [&](const Machine& machine, LikelihoodMethod method, const char* words) {
    const std::vector<float> row(machine.visible_units(), 0.5f);
    const std::string error =
        error_of([&] { log_likelihood(machine, row, {}, method, {}, threads); });
    EXPECT_TRUE(contains(error, words)) << error;
  };
  said(small_machine("binary", 3, "binary", 2, 1), LikelihoodMethod::exact, "--binarise");
  said(small_machine("nrelu", 3, "binary", 2, 1), LikelihoodMethod::ais, "nrelu visible units");
  said(small_machine("gaussian", 30, "binary", 30, 1), LikelihoodMethod::exact, "2^25");
}

}  // namespace
}  // namespace rectify::pretrain
