#include "rectify/train/optimise/schedule.h"

#include <gtest/gtest.h>

#include "rectify/base/enumeration.h"
#include "rectify/train/trainer.h"

namespace rectify::train {
namespace {

Options of(Schedule schedule) {
  Options o;
  o.schedule = schedule;
  o.epochs = 20;
  o.lr = 0.4;
  o.warmup = 0;
  return o;
}

TEST(Schedule, ConstantStaysAtItsRate) {
  for (const double at : {0.0, 0.5, 7.3, 20.0}) EXPECT_EQ(rate_at(of(Schedule::constant), at), 0.4);
}

TEST(Schedule, WarmUpRisesFromNearlyZeroToTheRate) {
  for (const Schedule schedule : all_values<Schedule>()) {
    if (schedule == Schedule::one_cycle) continue;  // its rise begins above
    const std::string_view name = name_of(schedule);
    Options o = of(schedule);
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
  o.schedule = Schedule::one_cycle;
  EXPECT_DOUBLE_EQ(warmup_epochs(o), 0.3 * 30);
  o.warmup = 3;
  EXPECT_EQ(warmup_epochs(o), 3);
}

TEST(Schedule, StepFallsByItsFactorEveryFewEpochs) {
  Options o = of(Schedule::step);
  o.step_every = 5;
  o.step_factor = 0.1;
  EXPECT_DOUBLE_EQ(rate_at(o, 0), 0.4);
  EXPECT_DOUBLE_EQ(rate_at(o, 4.99), 0.4);
  EXPECT_DOUBLE_EQ(rate_at(o, 5), 0.04);
  EXPECT_DOUBLE_EQ(rate_at(o, 10), 0.004);
  EXPECT_NEAR(rate_at(o, 19.9), 0.0004, 1e-12);
}

TEST(Schedule, CosineFallsFromTheRateThroughItsHalfToZero) {
  Options o = of(Schedule::cosine);
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

TEST(Schedule, CosineRestartsInPeriodsThatGrow) {
  Options o = of(Schedule::cosine_restarts);
  o.restart_every = 2;
  o.restart_factor = 3;
  o.warmup = 1;
  for (const double start : {1.0, 3.0, 9.0}) EXPECT_DOUBLE_EQ(rate_at(o, start), 0.4) << start;
  for (const double middle : {2.0, 6.0, 18.0}) EXPECT_NEAR(rate_at(o, middle), 0.2, 1e-12);
  for (const double end : {3.0, 9.0}) EXPECT_LT(rate_at(o, end - 0.01), 0.001) << end;
  o.restart_factor = 1;
  for (int period = 0; period < 9; ++period) {
    EXPECT_NEAR(rate_at(o, 2 * period + 2), 0.2, 1e-12) << period;
    EXPECT_NEAR(rate_at(o, 2 * period + 1.5), 0.4 * 0.8535533905932737, 1e-12) << period;
  }
}

TEST(Schedule, OneCycleRisesToTheRateAndFallsToNextToNothing) {
  Options o = of(Schedule::one_cycle);
  o.warmup = -1;
  o.cycle_div = 20;
  o.cycle_final_div = 100;
  EXPECT_NEAR(rate_at(o, 0), 0.02, 1e-12);
  EXPECT_NEAR(rate_at(o, 3), 0.21, 1e-12);
  EXPECT_NEAR(rate_at(o, 6), 0.4, 1e-12);
  EXPECT_NEAR(rate_at(o, 13), 0.2001, 1e-12);
  EXPECT_NEAR(rate_at(o, 20), 0.0002, 1e-12);
  o.warmup = 0;
  EXPECT_DOUBLE_EQ(rate_at(o, 0), 0.4);
}

EpochRecord epoch(int number, double error, double loss) {
  EpochRecord record;
  record.epoch = number;
  record.validation_error = error;
  record.validation_loss = loss;
  return record;
}

TEST(Schedule, PlateauFallsAfterEpochsThatWereNoBetter) {
  Options o = of(Schedule::plateau);
  o.plateau_patience = 2;
  o.warmup = 1;
  std::vector<EpochRecord> history;
  const std::vector<std::pair<EpochRecord, int>> epochs = {
      {epoch(1, 0.9, 1), 0},    {epoch(2, 0.5, 1), 0},   {epoch(3, 0.5, 0.9), 0},  // a lower loss
      {epoch(4, 0.5, 0.9), 0},  {epoch(5, 0.6, 0.1), 1},                           // two in vain
      {epoch(6, 0.6, 0.1), 1},  {epoch(7, 0.6, 0.1), 2},                           // and again two
      {epoch(8, 0.51, 0.1), 2}, {epoch(9, 0.4, 1), 2},   {epoch(10, 0.4, 1), 2},
      {epoch(11, 0.4, 1), 3}};
  for (const auto& [record, falls] : epochs) {
    history.push_back(record);
    EXPECT_EQ(plateau_falls(o, history), falls) << "after epoch " << record.epoch;
  }
  EXPECT_DOUBLE_EQ(rate_at(o, 11, 3), 0.4 * 1e-3);
  o.warmup = 4;  // nothing is waited for before it is over
  EXPECT_EQ(plateau_falls(o, {history.begin(), history.begin() + 5}), 0);
  EXPECT_EQ(plateau_falls(o, {history.begin(), history.begin() + 6}), 1);
}

TEST(Schedule, PlateauGoesByClassWeights) {
  Options o = of(Schedule::plateau);
  o.plateau_patience = 2;
  o.warmup = 0;
  std::vector<EpochRecord> history;
  for (int i = 1; i <= 4; ++i) {
    EpochRecord record = epoch(i, 0.1 * i, 1);  // plainly worse each time
    record.weighted_error = 0.5 - 0.1 * i;
    record.weighted_loss = 1;
    history.push_back(record);
  }
  EXPECT_EQ(plateau_falls(o, history), 0);
  for (EpochRecord& record : history) record.weighted_error = {};
  EXPECT_EQ(plateau_falls(o, history), 1);
}

TEST(Schedule, NeverLeavesZeroToTheRate) {
  for (const Schedule schedule : all_values<Schedule>())
    for (const double warmup : {0.0, 0.5, 20.0}) {
      const std::string_view name = name_of(schedule);
      Options o = of(schedule);
      o.warmup = warmup;
      for (double at = 0; at <= 21; at += 0.25) {  // 20 is the end
        EXPECT_GE(rate_at(o, at), 0) << name << " " << warmup << " " << at;
        EXPECT_LE(rate_at(o, at), o.lr) << name << " " << warmup << " " << at;
      }
    }
}

}  // namespace
}  // namespace rectify::train
