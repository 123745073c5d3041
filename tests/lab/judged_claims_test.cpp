#include "rectify/lab/judged_claims.h"

#include <gtest/gtest.h>

#include <cmath>
#include <string>
#include <utility>
#include <vector>

#include "tests/helpers.h"

namespace rectify::lab {
namespace {

constexpr const char* recipe_head = R"(
title = "T"
claim = "C"
by = "E"
measure = "train"
data = "moons"
[options]
model = "2 : dense {width} | relu | dense 2"
[grid]
width = [2, 4]
[[claims]]
text = "x"
article = {by = "E", above = 0}
)";

using Figures = std::vector<std::pair<std::string, double>>;

/// A cell with the figures of each seed.
report::LabCell cell_of(const std::string& name, const std::vector<Figures>& seeds) {
  report::LabCell cell{.name = name};
  for (const Figures& figures : seeds)
    cell.runs.push_back({.seed = cell.runs.size() + 1, .figures = figures});
  return cell;
}

/// A claim about `measured`, which is said to be above 0.
report::Claim judged(const std::string& measured, const std::vector<report::LabCell>& cells) {
  const Recipe recipe =
      parse_recipe(concat(recipe_head, "measured = \"", measured, "\"\n"), "widths", "widths.toml");
  return judge_claims(recipe, cells, false).at(0);
}

TEST(JudgedClaims, LeaveNoCellOutThatLacksTheFigure) {
  const Figures four = {{"converged_epoch", 4}}, two = {{"converged_epoch", 2}};
  const Figures broken = {{"diverged", 1}};
  const report::Claim claim =
      judged("mean(converged_epoch[*])",
             {cell_of("2", {four, four, four}), cell_of("4", {two, broken, two})});
  ASSERT_EQ(claim.values.size(), 3u);
  EXPECT_EQ(claim.values[0], 3);
  EXPECT_TRUE(std::isnan(claim.values[1]));
  EXPECT_EQ(claim.article->standing, report::Standing::cannot_be_told);
  EXPECT_EQ(claim.article->reason, "training went non-finite with seed 2");
}

TEST(JudgedClaims, SayWhyThereIsNoNumber) {
  const double none = std::nan("");
  const Figures there = {{"reach_epoch", 4}, {"diverged", 0}};
  const Figures not_reached = {{"reach_epoch", none}, {"diverged", 0}};
  const Figures broken = {{"reach_epoch", none}, {"diverged", 1}};
  const auto reason = [](const std::string& measured, const std::vector<report::LabCell>& cells) {
    return judged(measured, cells).article->reason;
  };
  const std::string ratio = "reach_epoch[2] / reach_epoch[4]";
  EXPECT_EQ(reason(ratio, {cell_of("2", {there, there}), cell_of("4", {not_reached, not_reached})}),
            "no number with seeds 1 and 2: not reached, or a division by 0 or the like");
  EXPECT_EQ(reason(ratio, {cell_of("2", {there, there}), cell_of("4", {broken, not_reached})}),
            "training went non-finite with seed 1; no number with seed 2: not reached, or a "
            "division by 0 or the like");
  EXPECT_EQ(reason(ratio, {cell_of("2", {there, there})}), "this mode has no cell '4'");
  EXPECT_EQ(reason("1 / diverged[2]", {cell_of("2", {there})}),
            "no number with seed 1: not reached, or a division by 0 or the like");
}

}  // namespace
}  // namespace rectify::lab
