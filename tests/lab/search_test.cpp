// What a search for the learning rate judges by, and how sure its choice is.

#include "rectify/lab/search.h"

#include <gtest/gtest.h>

#include <cmath>
#include <map>
#include <numeric>
#include <set>
#include <vector>

#include "rectify/report/format.h"
#include "rectify/train/optimise/optimiser.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::lab {
namespace {

const double usual_lr = train::usual_rate("nesterov");

SearchPlan plan_on(std::size_t samples) {
  SearchPlan plan{train::Options{}};
  plan.judging.samples = samples;
  return plan;
}

/// Searches where the rates usual_lr / 10, ..., usual_lr * 10, half a power of 10 apart, have these
/// errors and losses; others do not train.
SearchResult search_over(const SearchPlan& plan, const std::vector<TrialOutcome>& outcomes) {
  return search_rate(plan, [&](double rate) -> TrialOutcome {
    const auto at = std::lround(2 * std::log10(rate / usual_lr)) + 2;
    if (at < 0 || at >= static_cast<long>(outcomes.size())) return {INFINITY, INFINITY};
    return outcomes[static_cast<std::size_t>(at)];
  });
}

// 0 of 15 wrong: (0 + 1) / (15 + 2) = 0.0588 as the share, and sqrt(0.0588 * 0.9412 / 15) = 0.0608.
TEST(Judging, KnowsTheStandardErrorOfAnError) {
  Judging judging;
  EXPECT_EQ(judging.standard_error(0.3), 0) << "of an unknown number of samples";
  judging.samples = 15;
  EXPECT_NEAR(judging.standard_error(0), 0.060753, 1e-6);
  judging.samples = 10000;
  EXPECT_NEAR(judging.standard_error(0.1), 0.003, 2e-6);
  judging.samples = 100;
  judging.width = 100;
  EXPECT_NEAR(judging.standard_error(0.1), 0.003, 2e-6) << "a hundred predictions a sample";
  judging = {};
  judging.classes = false;
  judging.samples = 200;
  EXPECT_DOUBLE_EQ(judging.standard_error(3), 3 / 20.0);
}

TEST(Judging, TakesFoldsWhereTheValidationPartIsSmall) {
  train::Options o;
  const auto judging_of = [&](const data::Dataset& data) { return Judging(o, data); };
  const Judging small = judging_of(rectify::moons(142));
  EXPECT_EQ(small.folds, 5);
  EXPECT_EQ(small.samples, 142u);
  EXPECT_EQ(small.held_out, 14u);
  EXPECT_NEAR(small.constant_error, 0.5, 1e-9) << "two classes, as many of either";
  EXPECT_FALSE(small.learned(0.48));
  EXPECT_TRUE(small.learned(0.4));
  EXPECT_TRUE(contains(small.text(), "5-fold cross-validation on all 142 training samples"))
      << small.text();
  const Judging below = judging_of(rectify::moons(4980)), enough = judging_of(rectify::moons(5000));
  EXPECT_EQ(below.folds, 5);
  EXPECT_EQ(below.held_out, 498u);
  EXPECT_EQ(enough.folds, 1);
  EXPECT_EQ(enough.samples, 500u);
  EXPECT_EQ(enough.text(), "");
  o.class_weights = "1=3";
  const Judging weighted = judging_of(rectify::moons(5000));
  EXPECT_NEAR(weighted.equal_share, 0.8, 1e-9) << "(1 + 3)^2 / (1 + 9) / 2";
  EXPECT_NEAR(weighted.constant_error, 0.25, 1e-9);
  EXPECT_EQ(weighted.folds, 5) << "500 tell as much as 400";
  o.class_weights = "none";
  o.validation = 0;
  EXPECT_EQ(judging_of(rectify::moons(142)).folds, 5);
  EXPECT_EQ(judging_of(rectify::moons(5000)).folds, 0);
  EXPECT_EQ(judging_of(rectify::moons(5000)).samples, 2000u) << "training samples that are watched";
  EXPECT_FALSE(judging_of(sums(142)).classes);
  EXPECT_TRUE(std::isinf(judging_of(sums(142)).constant_error));
}

// Five rates of tanh on 15 samples, none of which was wrong: the highest once won by its loss.
TEST(SearchRate, TakesTheMiddleOfRatesThatAreAllTheSame) {
  const std::vector<TrialOutcome> outcomes = {{0, 0.5}, {0, 0.4}, {0, 0.3}, {0, 0.2}, {0, 0.1}};
  const SearchResult found = search_over(plan_on(15), outcomes);
  EXPECT_EQ(found.lr, usual_lr);
  EXPECT_EQ(found.choice.alike, 3);
  EXPECT_EQ(found.choice.rates, 3) << "nothing says that others would be better";
}

TEST(SearchRate, TakesTheMiddleOfWhatCannotBeToldApart) {
  // The lowest error is 4 of 100: the standard error is sqrt(5/102 * 97/102 / 100) = 0.0216.
  const std::vector<TrialOutcome> outcomes = {
      {0.10, 1}, {0.06, 1}, {0.05, 1}, {0.04, 1}, {0.07, 1}};
  const SearchResult found = search_over(plan_on(100), outcomes);
  EXPECT_EQ(found.lr, usual_lr) << "of usual_lr / 3.2, usual_lr, usual_lr * 3.2";
  EXPECT_EQ(found.choice.alike, 3);
  EXPECT_NEAR(found.choice.standard_error, 0.021592, 1e-5);
  const SearchResult certain = search_over(plan_on(100000), outcomes);
  EXPECT_NEAR(certain.lr, usual_lr * std::sqrt(10.0), 0.05);
  EXPECT_EQ(certain.choice.alike, 1);
  EXPECT_EQ(certain.choice.rates, 4) << "the grid grew until the best was inside";
}

TEST(SearchRate, OfTwoInTheMiddleTakesTheLowerErrorThenTheLowerLoss) {
  const std::vector<TrialOutcome> by_error = {{0.5, 1}, {0.030, 9}, {0.031, 1}, {0.5, 1}};
  EXPECT_NEAR(search_over(plan_on(1000), by_error).lr, usual_lr / std::sqrt(10.0), 0.01);
  const std::vector<TrialOutcome> by_loss = {{0.5, 1}, {0.03, 9}, {0.03, 1}, {0.5, 1}};
  EXPECT_EQ(search_over(plan_on(1000), by_loss).lr, usual_lr);
}

TEST(SearchRate, PrefersALongStretchToALuckyRateByItself) {
  const std::vector<TrialOutcome> outcomes = {{0.9, 9},  {0.04, 1},  {0.5, 1}, {0.05, 1},
                                              {0.05, 1}, {0.045, 1}, {0.9, 1}};
  SearchPlan plan = plan_on(100);
  plan.grid = {usual_lr / 10, 0.063, usual_lr, 0.63, 2, 6.3, 20};
  const SearchResult found = search_over(plan, outcomes);
  EXPECT_EQ(found.lr, 2);
  EXPECT_EQ(found.choice.alike, 4);
}

// Three rates leave the network at chance, and were taken for a flat stretch; lower ones learn.
TEST(SearchRate, GoesToLowerRatesWhereNothingLearns) {
  SearchPlan plan = plan_on(1000);
  plan.judging.constant_error = 0.9;
  plan.grid = {usual_lr, 0.63, 2};
  const std::vector<TrialOutcome> outcomes = {
      {0.6, 2}, {0.5, 2}, {0.895, 2.3}, {0.9, 2.3}, {0.9, 2.3}};
  const SearchResult found = search_over(plan, outcomes);
  EXPECT_NEAR(found.lr, usual_lr / std::sqrt(10.0), 0.01);
  EXPECT_EQ(found.choice.rates, 5) << "one lower, whose error is higher, ends it";
}

TEST(SearchRate, TakesTheMiddleWhereNoRateLearns) {
  SearchPlan plan = plan_on(1000);
  plan.judging.constant_error = 0.9;
  const SearchResult found = search_rate(plan, [&](double rate) {
    return TrialOutcome{0.9, 2.3 + rate};
  });
  EXPECT_EQ(found.lr, usual_lr);
  EXPECT_EQ(found.choice.rates, 9);
  EXPECT_EQ(found.choice.alike, 9) << "none is better than another";
}

TEST(SearchRate, TakesNoRateThatDivergesWhereNoneLearns) {
  SearchPlan plan = plan_on(1000);
  plan.judging.constant_error = 0.9;
  const SearchResult found = search_rate(plan, [&](double rate) -> TrialOutcome {
    return rate > 0.03 ? TrialOutcome{INFINITY, INFINITY} : TrialOutcome{0.9, 2.3};
  });
  EXPECT_EQ(found.lr, 0.02);
}

TEST(SearchRate, SaysHowSureItsChoiceIs) {
  report::RateChoice choice{.folds = 5, .samples = 142, .rates = 5, .alike = 3};
  EXPECT_EQ(report::choice_text(0.02, choice),
            "0.02, chosen among 3 rates that cannot be told apart on 142 samples (5-fold "
            "cross-validation)");
  choice.alike = 1;
  choice.folds = 1;
  choice.samples = 6000;
  EXPECT_EQ(report::choice_text(0.02, choice),
            "0.02, by more than a standard error the best of 5 rates on 6,000 validation samples");
  EXPECT_EQ(report::choice_text(0.02, {}), "") << "a rate that was given";
}

train::Options short_training() {
  train::Options o;
  o.model = "2 : dense 8 | relu | dense 2";
  o.epochs = 2;
  o.batch = 16;
  o.lr = 0.1;
  return o;
}

TEST(Judge, PutsTheFoldsTogetherByTheirSamples) {
  const data::Dataset data = rectify::moons(142);
  const Judging judging(short_training(), data);
  std::vector<double> sizes;
  std::set<std::uint32_t> held;
  const TrialOutcome together =
      judge(judging, short_training(), data, [&](const Fold& fold) -> TrialOutcome {
        held.insert(fold.parts->validation.begin(), fold.parts->validation.end());
        sizes.push_back(static_cast<double>(fold.parts->validation.size()));
        return {0.1 * static_cast<double>(sizes.size()), static_cast<double>(sizes.size())};
      });
  ASSERT_EQ(sizes, (std::vector<double>{29, 29, 28, 28, 28}));
  EXPECT_EQ(held.size(), 142u) << "every sample judges once";
  EXPECT_NEAR(together.error, (29 * 0.1 + 29 * 0.2 + 28 * (0.3 + 0.4 + 0.5)) / 142, 1e-12);
  EXPECT_NEAR(together.loss, (29 * (1 + 2) + 28 * (3 + 4 + 5)) / 142.0, 1e-12);

  Judging numbers(short_training(), sums(142));
  int fold = 0;
  const TrialOutcome rmse = judge(numbers, short_training(), sums(142), [&](const Fold&) {
    return TrialOutcome{++fold == 1 ? 3.0 : 0.0, 0};
  });
  EXPECT_NEAR(rmse.error, std::sqrt(29 * 9.0 / 142), 1e-12) << "squares are averaged, not roots";
}

TEST(Judge, StopsAtTheFirstFoldThatIsNotFinite) {
  const data::Dataset data = rectify::moons(142);
  int trials = 0;
  const TrialOutcome outcome =
      judge(Judging(short_training(), data), short_training(), data, [&](const Fold&) {
        return ++trials == 2 ? TrialOutcome{INFINITY, INFINITY} : TrialOutcome{0, 0};
      });
  EXPECT_EQ(trials, 2);
  EXPECT_TRUE(std::isinf(outcome.error));
}

TEST(Judge, NeverReadsTheTestSplitAndDependsOnNoNumberOfThreads) {
  const data::Dataset data = rectify::moons(142);
  data::Dataset without = data;
  without.test = {};
  const auto error_with = [](const data::Dataset& d, int threads) {
    ThreadPool pool(threads);
    const train::Options o = short_training();
    return judge(Judging(o, d), o, d,
                 [&](const Fold& fold) { return run_trial(o, d, fold, pool, {}, {}); });
  };
  const TrialOutcome want = error_with(data, 1);
  EXPECT_GT(want.loss, 0);
  for (const TrialOutcome& got : {error_with(data, 3), error_with(without, 2)}) {
    EXPECT_EQ(got.error, want.error);
    EXPECT_EQ(got.loss, want.loss);
  }
}

// 142 samples in 5 folds leave 113 or 114 to train on: 7 batches of 16 and one of 1 or 2.
TEST(Judge, LeavesNoLastBatchOfOneSampleForBatchNorm) {
  const data::Dataset data = rectify::moons(142);
  train::Options o = short_training();
  o.model = "2 : dense 8 | batch_norm | relu | dense 2";
  ThreadPool pool(1);
  EXPECT_EQ(error_of([&] {
              judge(Judging(o, data), o, data,
                    [&](const Fold& fold) { return run_trial(o, data, fold, pool, {}, {}); });
            }),
            "");
}

}  // namespace
}  // namespace rectify::lab
