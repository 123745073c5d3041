#include "rectify/lab/recipe_words.h"

#include <gtest/gtest.h>

#include "rectify/lab/experiment.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::lab {
namespace {

using Words = std::vector<std::pair<std::string, std::string>>;

constexpr const char* recipe_text = R"(
title = "T"
claim = "C"
by = "E"
measure = "train"
data = "glyphs"
[options]
model = "784 : repeat {depth} (dense 8 | relu) | dense 10"
search = {lr = true, weight_decay = [0, 5e-4]}
reach = 25.0
units = true
train = {epochs = 60, lr = 0.1}
[[cell]]
name = "a"
units = false
[[cell]]
name = "b"
units = false
train = {lr = 0.2}
[grid]
depth = [2, 3]
[quick]
seeds = 3
samples = 1200
reach = 65.0
units = false
train = {epochs = 4, batch = 16}
grid = {depth = [2, 3, 4]}
[full]
seeds = 5
test_samples = 500
[[claims]]
text = "x"
measured = "test_error[a, 2] - test_error[b, 2]"
article = {by = "E", above = 0}
)";

TEST(RecipeWords, HaveTheOptionsThatCellsShare) {
  const Recipe recipe = parse_recipe(recipe_text, "t", "t.toml");
  const Words full = {{"model", "784 : repeat {depth} (dense 8 | relu) | dense 10"},
                      {"reach", "25"},
                      {"search", "lr = true, weight_decay = [0, 0.0005]"},
                      {"train", "epochs = 60, lr = 0.1 (in 2 of 4 cells)"},
                      {"test_samples", "500"}};
  EXPECT_EQ(option_words(recipe, true), full);
  Words quick = full;
  quick[1].second = "65";
  quick[3].second = "epochs = 4, lr = 0.1 (in 3 of 6 cells), batch = 16";
  quick[4] = {"samples", "1200"};
  EXPECT_EQ(option_words(recipe, false), quick);
}

TEST(RecipeWords, SayWhatTheQuickModeHasOtherwise) {
  const Recipe recipe = parse_recipe(recipe_text, "t", "t.toml");
  const std::string changes =
      "reach = 65 (full: 25), train.epochs = 4 (full: 60), grid.depth = [2, 3, 4] (full: [2, 3]), "
      "samples = 1200 (full: all), train.batch = 16 (full: as usual), "
      "test_samples = all (full: 500)";
  EXPECT_EQ(words_in_short(recipe, 3), changes + ", seeds = 3 (full: 5)");
  EXPECT_EQ(words_in_short(recipe, 5), changes);
}

TEST(RecipeWords, StandInTheResultOfARun) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(
      "title = 'T'\nclaim = 'C'\nby = 'E'\nmeasure = 'anchors'\n"
      "[options]\npoints = [1, 2]\nweights = [1, 1]\n[quick]\npoints = [1]\n"
      "[[claims]]\ntext = 'a'\nmeasured = 'value_1'\narticle = {by = 'E', near = 1, within = 0}\n",
      "t", "t.toml");
  const report::LabResult quick = run_recipe(recipe, {.out = folder.path()}, threads);
  EXPECT_EQ(quick.in_short, "points = [1] (full: [1, 2])");
  ASSERT_GE(quick.settings.size(), 3u);
  EXPECT_EQ(quick.settings[1], (Words::value_type{"points", "[1]"}));
  EXPECT_TRUE(contains(report::to_html(quick, ""), "<th scope=\"row\">points</th><td>[1]</td>"));
  const report::LabResult full = run_recipe(recipe, {.full = true, .out = folder.path()}, threads);
  EXPECT_EQ(full.in_short, "");
  EXPECT_EQ(full.settings[1], (Words::value_type{"points", "[1, 2]"}));
}

}  // namespace
}  // namespace rectify::lab
