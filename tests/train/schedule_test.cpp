#include "rectify/train/schedule.h"

#include <gtest/gtest.h>

namespace rectify::train {
namespace {

Options of(const std::string& schedule) {
  Options o;
  o.schedule = schedule;
  o.epochs = 20;
  o.lr = 0.4;
  o.warmup = 0;
  o.warmup = 0;
  return o;
}

TEST(Schedule, ConstantStaysAtItsRate) {
  for (const double at : {0.0, 0.5, 7.3, 20.0}) EXPECT_EQ(rate_at(of("constant"), at), 0.4);
}

TEST(Schedule, WarmUpRisesFromNearlyZeroToTheRate) {
  for (const std::string& name : schedule_names()) {
    Options o = of(name);
    o.warmup = 4;
    EXPECT_GT(rate_at(o, 0), 0) << name;
    EXPECT_LT(rate_at(o, 0), 0.001 * o.lr) << name;
    EXPECT_NEAR(rate_at(o, 2), 0.5 * o.lr, 1e-3 * o.lr) << name;
    EXPECT_NEAR(rate_at(o, 4), o.lr, 1e-12) << name;
    for (double at = 0; at < 3.9; at += 0.1)
      EXPECT_LT(rate_at(o, at), rate_at(o, at + 0.1)) << name;
  }
}

TEST(Schedule, WarmUpByItselfIsAnEighthOfTheEpochsAtMostOne) {
  Options o;
  for (const auto& [epochs, warmup] : {std::pair{1, 0.125}, {4, 0.5}, {8, 1.0}, {30, 1.0}}) {
    o.epochs = epochs;
    EXPECT_DOUBLE_EQ(warmup_epochs(o), warmup) << epochs;
  }
  o.warmup = 3;
  EXPECT_EQ(warmup_epochs(o), 3);
}

TEST(Schedule, StepFallsByItsFactorEveryFewEpochs) {
  Options o = of("step");
  o.step_every = 5;
  o.step_factor = 0.1;
  EXPECT_DOUBLE_EQ(rate_at(o, 0), 0.4);
  EXPECT_DOUBLE_EQ(rate_at(o, 4.99), 0.4);
  EXPECT_DOUBLE_EQ(rate_at(o, 5), 0.04);
  EXPECT_DOUBLE_EQ(rate_at(o, 10), 0.004);
  EXPECT_NEAR(rate_at(o, 19.9), 0.0004, 1e-12);
}

TEST(Schedule, CosineFallsFromTheRateThroughItsHalfToZero) {
  Options o = of("cosine");
  EXPECT_DOUBLE_EQ(rate_at(o, 0), 0.4);
  EXPECT_NEAR(rate_at(o, 10), 0.2, 1e-12);
  EXPECT_NEAR(rate_at(o, 5), 0.4 * 0.8535533905932737, 1e-12);
  EXPECT_NEAR(rate_at(o, 20), 0, 1e-12);
  EXPECT_GT(rate_at(o, 19.99), 0);
  o.warmup = 10;
  EXPECT_DOUBLE_EQ(rate_at(o, 10), 0.4);
  EXPECT_NEAR(rate_at(o, 15), 0.2, 1e-12);
  EXPECT_NEAR(rate_at(o, 20), 0, 1e-12);
}

TEST(Schedule, NeverLeavesZeroToTheRate) {
  for (const std::string& name : schedule_names())
    for (const double warmup : {0.0, 0.5, 20.0}) {
      Options o = of(name);
      o.warmup = warmup;
      for (double at = 0; at < 20; at += 0.25) {
        EXPECT_GE(rate_at(o, at), 0) << name << " " << warmup << " " << at;
        EXPECT_LE(rate_at(o, at), o.lr) << name << " " << warmup << " " << at;
      }
    }
}

}  // namespace
}  // namespace rectify::train
