#include "rectify/lab/standing.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/random.h"
#include "rectify/base/toml.h"
#include "tests/helpers.h"

namespace rectify::lab {
namespace {

using report::Standing;

Said said(const std::string& members) {
  return Said::from(parse_toml("x = {" + members + "}", "test").at("x"), "test");
}

Standing standing(const std::string& members, std::vector<double> values, bool exact = false) {
  return assess(said(members), Sample(std::move(values), exact), false, "").standing;
}

TEST(Standing, OfADirectionNeedsTheWholeInterval) {
  const std::string above = "by = 'C', above = 0";
  EXPECT_EQ(standing(above, {1, 1.1, 0.9}), Standing::holds);
  EXPECT_EQ(standing(above, {-1, -1.1, -0.9}), Standing::does_not_hold);
  // Mean 0.5, but with two degrees of freedom t is 4.303 and the interval reaches below 0.
  EXPECT_EQ(standing(above, {0.1, 0.5, 0.9}), Standing::cannot_be_told);
  const std::string below = "by = 'C', below = 5";
  EXPECT_EQ(standing(below, {1, 1.1, 0.9}), Standing::holds);
  EXPECT_EQ(standing(below, {7, 7.1, 6.9}), Standing::does_not_hold);
}

TEST(Standing, OfASizeAsksWhetherTheIntervalMeetsIt) {
  // {0.9, 1, 1.1}: sd 0.1, interval 1 -+ 4.3027 * 0.1 / sqrt(3) = 0.7516 to 1.2484.
  EXPECT_EQ(standing("by = 'C', above = 0, size = 1.3, within = 0.1", {0.9, 1, 1.1}),
            Standing::holds);
  EXPECT_EQ(standing("by = 'C', above = 0, size = 1.3, within = 0.05", {0.9, 1, 1.1}),
            Standing::direction_only);
  EXPECT_EQ(standing("by = 'C', above = 0, size = [0.1, 0.7]", {0.9, 1, 1.1}),
            Standing::direction_only);
  // Neither way is excluded, but every claimed size is: {-0.1, 0, 0.1} is 0 -+ 0.2484.
  EXPECT_EQ(standing("by = 'C', above = 0, size = 0.3, within = 0.1", {-0.1, 0, 0.1}),
            Standing::cannot_be_told);
  EXPECT_EQ(standing("by = 'C', above = 0, size = 0.4, within = 0.1", {-0.1, 0, 0.1}),
            Standing::does_not_hold);
  EXPECT_EQ(standing("by = 'C', below = 0, size = 0.4, within = 0.1", {-0.1, 0, 0.1}),
            Standing::does_not_hold);
  // Of a difference downwards the size is its amount.
  EXPECT_EQ(standing("by = 'C', below = 5, size = 4, within = 0.1", {0.9, 1, 1.1}),
            Standing::holds);
  EXPECT_EQ(standing("by = 'C', below = 5, size = 1, within = 0.1", {0.9, 1, 1.1}),
            Standing::direction_only);
}

TEST(Standing, OfANumberNeedsTheIntervalInsideOfTheLimits) {
  EXPECT_EQ(standing("by = 'C', near = 1, within = 0.25", {0.9, 1, 1.1}), Standing::holds);
  EXPECT_EQ(standing("by = 'C', near = 1, within = 0.2", {0.9, 1, 1.1}), Standing::cannot_be_told);
  EXPECT_EQ(standing("by = 'C', near = 2, within = 0.2", {0.9, 1, 1.1}), Standing::does_not_hold);
  EXPECT_EQ(standing("by = 'C', between = [0.7, 1.3]", {0.9, 1, 1.1}), Standing::holds);
  EXPECT_EQ(standing("by = 'C', between = [0.8, 1.2], within = 0.1", {0.9, 1, 1.1}),
            Standing::holds);
}

TEST(Standing, OfWhatIsExactComparesPrintedDigits) {
  EXPECT_EQ(standing("by = 'E', near = '5.9e-6'", {5.9049e-6}, true), Standing::holds);
  EXPECT_EQ(standing("by = 'E', near = '5.8e-6'", {5.9049e-6}, true), Standing::does_not_hold);
  EXPECT_EQ(standing("by = 'E', near = '64'", {64.4}, true), Standing::holds);
  EXPECT_EQ(standing("by = 'E', near = '64'", {64.6}, true), Standing::does_not_hold);
  EXPECT_EQ(standing("by = 'E', near = '-9.98'", {-9.984}, true), Standing::holds);
  EXPECT_EQ(standing("by = 'E', near = 0, within = 0", {0}, true), Standing::holds);
}

TEST(Standing, CannotBeToldFromOneSeedOrFromOtherData) {
  EXPECT_EQ(standing("by = 'C', above = 0", {1}), Standing::cannot_be_told);
  EXPECT_EQ(standing("by = 'C', above = 0", {}), Standing::cannot_be_told);
  EXPECT_EQ(standing("by = 'C', above = 0", {1, std::nan(""), 1}), Standing::cannot_be_told);
  const Sample sample({1.4, 1.4, 1.5}, false);
  const Said absolute = said("by = 'C', near = 1.43, within = 1, absolute = true");
  EXPECT_EQ(assess(absolute, sample, true, "").standing, Standing::cannot_be_told);
  EXPECT_EQ(assess(absolute, sample, false, "").standing, Standing::holds);
  const Said difference = said("by = 'C', above = 0");
  EXPECT_EQ(assess(difference, sample, true, "").standing, Standing::holds);
}

TEST(Standing, NamesTheNumbersThatDecided) {
  const Assessment found = assess(said("by = 'C', above = 0, size = 2, within = 0.1"),
                                  Sample({0.9, 1, 1.1}, false), false, " points");
  EXPECT_EQ(found.reason,
            "the 95 % interval 0.7516 to 1.248 points lies above 0 points, but is not compatible "
            "with a difference of 1.9 to 2.1 points");
  EXPECT_EQ(said("by = 'C', above = 0, size = 0.77, within = 0.1").text(" points"),
            "above 0 points, by 0.77 ± 0.1 points");
  EXPECT_EQ(said("by = 'C', near = 50, within = 5").text(" %"), "50 ± 5 %");
  EXPECT_EQ(said("by = 'C', near = 99, within = 1").text(" %"), "99 ± 1 %");
  EXPECT_EQ(said("by = 'E', near = '5.9e-6'").text(""), "5.9e-6");
  EXPECT_EQ(said("by = 'C', between = [10, 40]").text(" %"), "10 to 40 %");
  EXPECT_EQ(said("by = 'C', between = [3, 5], within = 0.5").text(""), "3 to 5 ± 0.5");
}

TEST(Standing, RefusesWhatContradictsItself) {
  EXPECT_TRUE(contains(error_of([] { said("by = 'C'"); }), "one of above, below, near"));
  EXPECT_TRUE(contains(error_of([] { said("by = 'C', above = 0, below = 1"); }), "and has 2"));
  EXPECT_TRUE(contains(error_of([] { said("above = 0"); }), "who says so"));
  EXPECT_TRUE(contains(error_of([] { said("by = 'C', abov = 0"); }), "did you mean 'above'?"));
  EXPECT_TRUE(contains(error_of([] { said("by = 'C', between = [2, 1]"); }), "the first"));
  EXPECT_TRUE(contains(error_of([] { said("by = 'C', near = 'x'"); }), "not a number"));
}

/// Standard normal samples of that mean.
std::vector<double> drawn(std::uint64_t experiment, std::size_t seeds, double mean) {
  const Random random(experiment, 5);
  std::vector<double> values;
  for (std::size_t i = 0; i < seeds; ++i) values.push_back(mean + random.normal(i));
  return values;
}

TEST(Standing, CallsATrueNullRightInAtMostOneOfTwentyExperiments) {
  // Each claim is wrong, or on the edge of it: its share of *holds* is 2.5 % in theory, so of 1,000
  // experiments 50 would be five standard deviations off.
  const std::pair<const char*, double> nulls[] = {
      {"by = 'C', above = 0", 0},
      {"by = 'C', below = 0", 0},
      {"by = 'C', above = 0, size = 1, within = 0.5", 0},
      {"by = 'C', near = 0, within = 2", 2},
      {"by = 'C', between = [-3, 3]", -3}};
  for (const auto& [claim, mean] : nulls)
    for (const std::size_t seeds : {2u, 3u, 5u}) {
      int called_right = 0;
      for (std::uint64_t experiment = 0; experiment < 1000; ++experiment)
        called_right += standing(claim, drawn(experiment, seeds, mean)) == Standing::holds ? 1 : 0;
      EXPECT_LE(called_right, 50) << claim << ", " << seeds << " seeds";
    }
}

TEST(Standing, CallsAClearTruthRight) {
  int called_right = 0;
  for (std::uint64_t experiment = 0; experiment < 1000; ++experiment)
    called_right += standing("by = 'C', above = 0, size = 5, within = 0.5",
                             drawn(experiment, 5, 5)) == Standing::holds
                        ? 1
                        : 0;
  EXPECT_GE(called_right, 930);
}

}  // namespace
}  // namespace rectify::lab
