#include "rectify/lab/statistics.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/error.h"
#include "rectify/lab/compare.h"
#include "rectify/lab/run_result.h"
#include "rectify/lab/search.h"
#include "rectify/train/optimise/optimiser.h"

namespace rectify::lab {
namespace {

struct Quantile {
  double t, degrees, p;
};

// From the usual printed tables (two-sided).
const Quantile table[] = {
    {12.706, 1, 0.05},  {4.303, 2, 0.05},   {3.182, 3, 0.05},  {2.776, 4, 0.05}, {2.262, 9, 0.05},
    {1.960, 1e5, 0.05}, {6.314, 1, 0.10},   {63.657, 1, 0.01}, {9.925, 2, 0.01}, {4.604, 4, 0.01},
    {3.250, 9, 0.01},   {31.599, 2, 0.001}, {1.000, 1, 0.50},  {0.816, 2, 0.50}};

TEST(TTest, MatchesThePrintedTables) {
  for (const auto& [t, degrees, p] : table) {
    EXPECT_NEAR(t_test_p(t, degrees), p, 3e-4 * p + 2e-4 * p * degrees / (degrees + 10) + 3e-4 * p)
        << t << ", " << degrees;
    EXPECT_EQ(t_test_p(-t, degrees), t_test_p(t, degrees));
    EXPECT_NEAR(t_quantile(p, degrees), t, 6e-4) << p << ", " << degrees;
  }
  for (const double degrees : {1.0, 2.0, 7.0, 100.0}) {
    EXPECT_NEAR(t_test_p(0, degrees), 1, 1e-9) << degrees;
    EXPECT_EQ(t_test_p(INFINITY, degrees), 0);
    EXPECT_GT(t_test_p(1, degrees), t_test_p(1.1, degrees));
  }
  // In closed form: one degree is Cauchy's distribution, two degrees 1 - t / sqrt(2 + t^2).
  for (const double t : {0.1, 1.0, 5.0, 100.0, 1e6}) {
    EXPECT_NEAR(t_test_p(t, 1) / (1 - 2 / M_PI * std::atan(t)), 1, 1e-6) << t;
    EXPECT_NEAR(t_test_p(t, 2), 1 - t / std::sqrt(2 + t * t), 1e-9) << t;
  }
}

TEST(PairedDifference, IsStudentsTestOfTheDifferences) {
  // Differences 1, 2, 3: mean 2, deviation 1, t = 2 sqrt(3) = 3.4641 with 2 degrees.
  const PairedDifference d = paired_difference({10, 20, 30}, {11, 22, 33});
  EXPECT_NEAR(d.mean, 2, 1e-12);
  EXPECT_NEAR(d.low, 2 - 4.302653 / std::sqrt(3), 1e-5);
  EXPECT_NEAR(d.high, 2 + 4.302653 / std::sqrt(3), 1e-5);
  EXPECT_NEAR(d.p, 1 - 3.4641016 / std::sqrt(2 + 12), 1e-6);
  const PairedDifference other = paired_difference({11, 22, 33}, {10, 20, 30});
  EXPECT_NEAR(other.mean, -2, 1e-12);
  EXPECT_NEAR(other.p, d.p, 1e-12);
}

TEST(PairedDifference, HandlesDifferencesWithoutSpread) {
  EXPECT_EQ(paired_difference({1, 2, 3}, {1, 2, 3}).p, 1);
  const PairedDifference same = paired_difference({1, 2, 3}, {2, 3, 4});
  EXPECT_EQ(same.p, 0.25) << "three of one sign";
  EXPECT_EQ(same.low, 0);
  EXPECT_EQ(same.high, 2);
  const PairedDifference told = paired_difference({1, 2, 3, 4, 5, 6}, {0, 1, 2, 3, 4, 5});
  EXPECT_EQ(told.p, 1.0 / 32);
  EXPECT_EQ(told.low, -1);
  EXPECT_EQ(told.high, -1);
  EXPECT_THROW(paired_difference({1}, {2}), Error);
  EXPECT_THROW(paired_difference({1, 2}, {2}), Error);
}

TEST(PairedDifference, TakesNoRoundingForASpread) {
  // Of 30 samples one more is wrong with each seed.
  const std::vector<double> a = {6 / 30.0, 5 / 30.0, 7 / 30.0}, b = {7 / 30.0, 6 / 30.0, 8 / 30.0};
  EXPECT_NE(b[0] - a[0], b[1] - a[1]) << "else this tests nothing";
  const PairedDifference same = paired_difference(a, b);
  EXPECT_EQ(same.p, 0.25);
  EXPECT_EQ(same.low, 0);
  EXPECT_NEAR(same.high, 2 / 30.0, 1e-12);
  // One of a million samples is a difference: t is 0.5, and p as above in closed form.
  const PairedDifference small =
      paired_difference({0.5, 0.5, 0.5}, {0.5 + 1e-6, 0.5 + 1e-6, 0.5 - 1e-6});
  EXPECT_NEAR(small.p, 1 - 0.5 / std::sqrt(2 + 0.25), 1e-6);
  EXPECT_TRUE(is_rounding(0, {0, 0}));
  EXPECT_FALSE(is_rounding(std::nan(""), {1}));
}

TEST(Holm, MatchesAnExampleDoneByHand) {
  // Sorted: .005 x 4, .01 x 3, .03 x 2, .04 x 1, each at least the one before.
  const std::vector<double> adjusted = holm({0.01, 0.04, 0.03, 0.005});
  ASSERT_EQ(adjusted.size(), 4u);
  EXPECT_NEAR(adjusted[3], 0.02, 1e-12);
  EXPECT_NEAR(adjusted[0], 0.03, 1e-12);
  EXPECT_NEAR(adjusted[2], 0.06, 1e-12);
  EXPECT_NEAR(adjusted[1], 0.06, 1e-12);
  EXPECT_EQ(holm({0.4, 0.6}), (std::vector<double>{0.8, 0.8}));
  EXPECT_EQ(holm({0.9, 0.8, 0.7}), (std::vector<double>{1, 1, 1}));
  EXPECT_EQ(holm({0.03}), std::vector<double>{0.03});
  EXPECT_TRUE(holm({}).empty());
}

const std::vector<double> best_errors = {0.020, 0.022, 0.019, 0.021, 0.0205};

TEST(CorrectedDifferences, AreSciPysWithTheLevelOfHolmsStep) {
  // scipy.stats.ttest_rel(rival, best), p times 3, 2 and 1, confidence_interval(1 - 0.05 / 3), ...
  const auto all = corrected_differences(best_errors, {{0.0231, 0.0230, 0.0222, 0.0222, 0.0219},
                                                       {0.0218, 0.0240, 0.0190, 0.0238, 0.0225},
                                                       {0.0232, 0.0238, 0.0225, 0.0242, 0.0230}});
  const PairedDifference expected[] = {
      {0.00198, 0.0002949387916, 0.0036650612084, 0.029531464842, 0.975},
      {0.00172, 0.0004344129717, 0.0030055870283, 0.029531464842, 0.95},
      {0.00284, 0.0016217764259, 0.0040582235741, 0.0022938433, 1 - 0.05 / 3}};
  ASSERT_EQ(all.size(), 3u);
  for (std::size_t i = 0; i < 3; ++i) {
    SCOPED_TRACE(i);
    EXPECT_NEAR(all[i].mean, expected[i].mean, 1e-10);
    EXPECT_NEAR(all[i].low, expected[i].low, 1e-9);
    EXPECT_NEAR(all[i].high, expected[i].high, 1e-9);
    EXPECT_NEAR(all[i].p, expected[i].p, 1e-7);
    EXPECT_NEAR(all[i].level, expected[i].level, 1e-12);
  }
}

TEST(CorrectedDifferences, NeverLeaveOutZeroWhereTheVerdictSeesNoLead) {
  // Alone, each of the two would be told apart at 5 %: scipy.stats.ttest_rel says 0.0378 and
  // 0.0271, and intervals of 95 % that leave out 0. Together neither is.
  const std::vector<std::vector<double>> rivals = {{0.0229, 0.0230, 0.0196, 0.0222, 0.0212},
                                                   {0.0213, 0.0248, 0.0194, 0.0238, 0.0215}};
  const auto all = corrected_differences(best_errors, rivals);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_GT(paired_difference(best_errors, rivals[i]).low, 0) << "else this tests nothing";
    EXPECT_GT(all[i].p, 0.05);
    EXPECT_LT(all[i].low, 0);
    EXPECT_GT(all[i].high, 0);
    EXPECT_EQ(all[i].level, 0.975);
  }
  EXPECT_NEAR(all[0].low, -0.0001839034, 1e-9);
}

TEST(Spread, IsMeanAndSampleDeviation) {
  const Spread s = spread({1, 2, 3, 4});
  EXPECT_EQ(s.mean, 2.5);
  EXPECT_NEAR(s.sd, std::sqrt(5.0 / 3), 1e-12);
  EXPECT_TRUE(std::isnan(spread({1}).sd));
}

report::ActivationResult result_of(const std::string& name, const std::vector<double>& errors) {
  const Spread s = spread(errors);
  return {.name = name, .test_error = {s.mean, s.sd, errors}};
}

bool contains(const std::string& text, const std::string& part) {
  return text.find(part) != std::string::npos;
}

TEST(Verdict, SaysWhoWinsWhenItIsClear) {
  const std::string text = verdict(
      {result_of("tanh", {0.050, 0.051, 0.0495}), result_of("relu", {0.020, 0.021, 0.0190})});
  EXPECT_TRUE(contains(text, "relu has the lowest test error, 2.00 %")) << text;
  EXPECT_TRUE(contains(text, "lead over tanh exceeds the spread")) << text;
  EXPECT_TRUE(contains(text, "paired over 3 seeds")) << text;
  EXPECT_TRUE(contains(text, "3.02 points (95 % interval")) << text;
  EXPECT_FALSE(contains(text, "Holm")) << text;
}

TEST(Verdict, SaysWhenTheSpreadIsLarger) {
  const std::string text =
      verdict({result_of("relu", {0.020, 0.024, 0.022}), result_of("silu", {0.021, 0.022, 0.024})});
  EXPECT_TRUE(contains(text, "its lead over silu does not exceed the spread")) << text;
}

TEST(Verdict, SeesNoLeadInOneSampleOfEachSeed) {
  const std::string text = verdict({result_of("relu", {6 / 30.0, 5 / 30.0, 7 / 30.0}),
                                    result_of("tanh", {7 / 30.0, 6 / 30.0, 8 / 30.0})});
  EXPECT_TRUE(contains(text, "its lead over tanh does not exceed the spread")) << text;
  EXPECT_TRUE(contains(text, "3.33 points (95 % interval 0.00 to 6.67, p 0.25)")) << text;
}

TEST(Verdict, NamesBothOfATie) {
  const std::string text =
      verdict({result_of("relu", {0.02, 0.03, 0.04}), result_of("tanh", {0.04, 0.03, 0.02}),
               result_of("selu", {0.05, 0.03, 0.02})});
  EXPECT_TRUE(contains(text, "relu and tanh have the same test error, 3.00 %, and no difference"))
      << text;
}

TEST(Verdict, TellsRivalsApartWithACorrection) {
  const std::string text = verdict({result_of("relu", {0.020, 0.021, 0.019, 0.020}),
                                    result_of("silu", {0.021, 0.020, 0.020, 0.021}),
                                    result_of("tanh", {0.060, 0.061, 0.0595, 0.0601})});
  EXPECT_TRUE(contains(text, "lead over tanh exceeds")) << text;
  EXPECT_TRUE(contains(text, "lead over silu does not")) << text;
  EXPECT_TRUE(contains(text, "Holm-corrected")) << text;
}

TEST(Verdict, GivesThePValueBesideAnIntervalOfTheSameCorrection) {
  // scipy.stats.ttest_rel: p 0.0206 for elu, whose step is Holm's last; the step before, of tanh,
  // has 0.01477 times 2, which p may not fall below.
  const std::string text = verdict({result_of("relu", best_errors),
                                    result_of("tanh", {0.0231, 0.0230, 0.0222, 0.0222, 0.0219}),
                                    result_of("elu", {0.0218, 0.0240, 0.0190, 0.0238, 0.0225}),
                                    result_of("silu", {0.0232, 0.0238, 0.0225, 0.0242, 0.0230})});
  EXPECT_TRUE(contains(text, "over elu it is 0.17 points (95 % interval 0.04 to 0.30, p 0.030)"))
      << text;
}

TEST(Verdict, IsSilentWithoutThreeSeedsOrARival) {
  EXPECT_EQ(verdict({result_of("relu", {0.01, 0.02}), result_of("tanh", {0.5, 0.6})}), "");
  EXPECT_EQ(verdict({result_of("relu", {0.01, 0.02, 0.03})}), "");
  EXPECT_EQ(verdict({result_of("relu", {0.01, 0.02, 0.03}), result_of("tanh", {})}), "");
  EXPECT_EQ(verdict({}), "");
}

SearchPlan plan_of(const std::string& optimizer = "nesterov", int epochs = 20) {
  train::Options o;
  o.optimizer = optimizer;
  o.epochs = epochs;
  return SearchPlan(o);
}

/// A trial whose error is the distance of log(rate) from that of `best`.
auto valley(double best, int& trials) {
  return [best, &trials](double rate) -> TrialOutcome {
    ++trials;
    return {std::abs(std::log(rate / best)), 1};
  };
}

const double usual = train::usual_rate("nesterov");

TEST(SearchRate, StopsWhenTheBestIsInsideTheGrid) {
  const SearchPlan plan = plan_of();
  ASSERT_EQ(plan.grid.size(), 3u);
  EXPECT_EQ(plan.grid[1], usual);
  EXPECT_NEAR(plan.grid[0], usual / std::sqrt(10), 0.05 * plan.grid[0]);
  EXPECT_NEAR(plan.grid[2], usual * std::sqrt(10), 0.05 * plan.grid[2]);
  EXPECT_EQ(plan.epochs, 4);
  EXPECT_EQ(plan_of("adam", 3).epochs, 1);
  int trials = 0;
  const SearchResult found = search_rate(plan, valley(usual, trials));
  EXPECT_EQ(trials, 3);
  EXPECT_EQ(found.lr, usual);
}

TEST(SearchRate, GrowsTheGridOnTheSideWhereTheBestIs) {
  for (const double share : {0.01, 0.04, 10.0, 80.0}) {
    int trials = 0;
    const SearchResult found = search_rate(plan_of(), valley(share * usual, trials));
    EXPECT_NEAR(std::log(found.lr / (share * usual)), 0, std::log(std::sqrt(10.0)) / 2 + 0.1);
    EXPECT_EQ(static_cast<int>(found.trials.size()), trials) << "no rate is tried twice";
    EXPECT_GT(trials, 3);
    EXPECT_LE(trials, 9);
    EXPECT_NE(found.lr, found.trials.front().lr) << "the best is still at the edge";
    EXPECT_NE(found.lr, found.trials.back().lr) << "the best is still at the edge";
    for (std::size_t i = 1; i < found.trials.size(); ++i)
      EXPECT_LT(found.trials[i - 1].lr, found.trials[i].lr);
  }
}

TEST(SearchRate, GivesUpGrowingSomewhere) {
  int trials = 0;
  const SearchResult found = search_rate(plan_of(), valley(1e30, trials));
  EXPECT_EQ(trials, 3 + plan_of().most_extensions);
  EXPECT_EQ(found.lr, found.trials.back().lr);
}

TEST(SearchRate, BreaksTiesByTheLoss) {
  const SearchResult found = search_rate(plan_of(), [](double rate) {
    return TrialOutcome{0.1, std::abs(rate - usual)};
  });
  EXPECT_EQ(found.lr, usual);
}

TEST(SearchRate, SurvivesTrialsThatDiverge) {
  const SearchResult found = search_rate(plan_of(), [](double rate) -> TrialOutcome {
    if (rate > 0.15 * usual) return {INFINITY, INFINITY};
    return {std::abs(std::log(rate / (0.032 * usual))), 1};
  });
  EXPECT_NEAR(found.lr / usual, 0.032, 0.004);
  for (const report::Trial& trial : found.trials)
    EXPECT_EQ(std::isnan(trial.validation_error), trial.lr > 0.15 * usual) << trial.lr;
}

TEST(SearchRate, ThrowsWhenAllDiverge) {
  int trials = 0;
  EXPECT_THROW(search_rate(plan_of(),
                           [&](double) {
                             ++trials;
                             return TrialOutcome{INFINITY, INFINITY};
                           }),
               Error);
  EXPECT_EQ(trials, 3 + plan_of().most_extensions) << "lower rates are tried before giving up";
}

TEST(SearchRate, TrialsAreShortAndUseASeedOfTheirOwn) {
  train::Options o;
  o.epochs = 20;
  o.warmup = 2;
  o.step_every = 10;
  o.patience = 3;
  o.seed = 5;
  const train::Options trial = trial_options(o, SearchPlan(o), 0.7);
  EXPECT_EQ(trial.lr, 0.7);
  EXPECT_EQ(trial.epochs, 4);
  EXPECT_DOUBLE_EQ(trial.warmup, 0.4);
  EXPECT_EQ(trial.step_every, 2);
  EXPECT_EQ(trial.patience, 0);
  EXPECT_EQ(trial.seed, 0u);
}

TEST(Histogram, CountsEveryFiniteValueOnce) {
  std::vector<float> values;
  for (int i = 0; i < 10000; ++i) values.push_back(static_cast<float>(i) / 10000);
  values.insert(values.end(), {std::nanf(""), INFINITY, -INFINITY});
  const report::Histogram h = histogram_of(values, 10);
  ASSERT_EQ(h.counts.size(), 10u);
  EXPECT_NEAR(h.low, 0.001, 2e-4);
  EXPECT_NEAR(h.high, 0.999, 2e-4);
  double total = 0;
  for (const double count : h.counts) {
    EXPECT_NEAR(count, 1000, 20);
    total += count;
  }
  EXPECT_EQ(total, 10000);
  EXPECT_TRUE(histogram_of({}, 10).counts.empty());
  EXPECT_TRUE(histogram_of({std::nanf("")}, 10).counts.empty());
  const report::Histogram constant = histogram_of({2, 2, 2}, 4);
  EXPECT_EQ(constant.counts, (std::vector<double>{3, 0, 0, 0}));
  EXPECT_LT(constant.low, constant.high);
}

TEST(Histogram, OutliersFallInTheOutermostBins) {
  std::vector<float> values(5000, 0.5f);
  for (int i = 0; i < 4990; ++i) values[i] = static_cast<float>(i % 100) / 100;
  values[4999] = 1e30f;
  values[4998] = -1e30f;
  const report::Histogram h = histogram_of(values, 5);
  EXPECT_LT(h.high, 2);
  EXPECT_GT(h.low, -1);
  double total = 0;
  for (const double count : h.counts) total += count;
  EXPECT_EQ(total, 5000);
}

}  // namespace
}  // namespace rectify::lab
