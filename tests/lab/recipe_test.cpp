#include "rectify/lab/recipe.h"

#include <gtest/gtest.h>

#include "tests/helpers.h"

namespace rectify::lab {
namespace {

constexpr const char* small_recipe = R"(
title = "T"
claim = "C"
by = "E"
measure = "train"
data = "glyphs"
[options]
model = "784 : repeat {depth} (dense 8 | {activation}) | dense 10"
train = {epochs = 4, lr = "{rate}"}
[grid]
depth = [2, 3]
activation = ["relu", "tanh"]
rate = [0.1]
[quick]
seeds = 2
grid = {depth = [1]}
train = {epochs = 1}
[[claims]]
text = "x"
measured = "test_error[relu, 2, 0.1] - test_error[tanh, 2, 0.1]"
article = {by = "E", above = 0}
)";

/// The recipe with one line replaced by another.
std::string error_with(const std::string& line, const std::string& other) {
  std::string text = small_recipe;
  const std::size_t at = text.find(line);
  EXPECT_NE(at, std::string::npos) << line;
  text.replace(at, line.size(), other);
  return error_of([&] { parse_recipe(text, "t", "t.toml"); });
}

TEST(Recipe, IsCellsOfAGridWhoseValuesStandInTexts) {
  const Recipe recipe = parse_recipe(small_recipe, "t", "t.toml");
  const std::vector<RecipeCell> cells = cells_of(recipe, true);
  ASSERT_EQ(cells.size(), 4u);
  EXPECT_EQ(cells[0].name, "relu, 2, 0.1");  // the axes by their names
  EXPECT_EQ(cells[3].name, "tanh, 3, 0.1");
  EXPECT_EQ(cells[3].options.at("model").get<std::string>(),
            "784 : repeat 3 (dense 8 | tanh) | dense 10");
  // What is nothing but a slot becomes the value itself.
  EXPECT_TRUE(cells[3].options.at("train").at("lr").is_number());
  EXPECT_EQ(cells[3].options.at("train").at("epochs").get<int>(), 4);
  EXPECT_EQ(cells[3].options.at("stack_epochs").get<int>(), 10);  // the measure's own
}

TEST(Recipe, HasAModeThatChangesOptionsAndAxes) {
  const Recipe recipe = parse_recipe(small_recipe, "t", "t.toml");
  const std::vector<RecipeCell> cells = cells_of(recipe, false);
  ASSERT_EQ(cells.size(), 2u);
  EXPECT_EQ(cells[0].name, "relu, 1, 0.1");
  EXPECT_EQ(cells[0].options.at("train").at("epochs").get<int>(), 1);
  EXPECT_EQ(recipe.quick.seeds, 2);
}

TEST(Recipe, OfTheProgramIsReadWithoutError) {
  const auto& all = recipes();
  EXPECT_GE(all.size(), 39u);
  for (const Recipe& recipe : all) {
    EXPECT_FALSE(recipe.area.empty()) << recipe.id;
    EXPECT_FALSE(recipe.rule.empty()) << recipe.id;
    EXPECT_GE(recipe.full.seeds, recipe.quick.seeds) << recipe.id;
  }
}

TEST(Recipe, SaysWhatIsWrong) {
  EXPECT_TRUE(contains(error_with("measure = \"train\"", "measure = \"trian\""),
                       "there is no measure 'trian'; did you mean 'train'?"));
  EXPECT_TRUE(contains(error_with("[grid]\n", "[grid]\nwidth = [1]\n"),
                       "'width' is no option of 'train', and no option mentions {width}"));
  EXPECT_TRUE(contains(error_with("tanh, 2, 0.1]", "elu, 2, 0.1]"),
                       "is about the cell 'elu, 2, 0.1', which there is not"));
  EXPECT_TRUE(
      contains(error_with("depth = [2, 3]", "depth = []"),
               "the axis 'depth' of the grid is a list of values, of one at least, not []"));
  EXPECT_TRUE(contains(error_with("grid = {depth = [1]}", "grid = {depth = []}"), "axis 'depth'"));
  EXPECT_TRUE(contains(error_with("data = \"glyphs\"", ""), "needs data"));
  EXPECT_TRUE(contains(error_with("title = \"T\"", "titel = \"T\""), "there is no 'titel'"));
  EXPECT_TRUE(contains(error_with("seeds = 2", "samples = \"few\""), "samples is like 0"));
  EXPECT_TRUE(contains(error_with("above = 0", "above = \"x\""), "t.toml"));
  EXPECT_EQ(error_with("above = 0", "above = nan"),
            "recipe 't.toml', claim 1, article: above wants a finite number");
  EXPECT_EQ(error_with("above = 0", "near = 1, within = -2"),
            "recipe 't.toml', claim 1, article: within is 0 or more, not -2");
  EXPECT_TRUE(contains(error_with("seeds = 2", "seeds = 0"), "seeds must be between 1 and 1000"));
  EXPECT_TRUE(contains(error_of([] { find_recipe("ancors"); }), "did you mean 'anchors'?"));
  EXPECT_TRUE(contains(error_of([] { find_recipe("index.toml"); }), "call it otherwise"));
}

TEST(Recipe, PatternsMeanCells) {
  EXPECT_TRUE(means_cell("relu, *", "relu, 3"));
  EXPECT_TRUE(means_cell("*", "relu, 3"));
  EXPECT_TRUE(means_cell("*", ""));
  EXPECT_TRUE(means_cell("", ""));
  EXPECT_FALSE(means_cell("relu", "relu, 3"));
  EXPECT_FALSE(means_cell("relu, 4", "relu, 3"));
}

}  // namespace
}  // namespace rectify::lab
