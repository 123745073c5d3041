#include "rectify/lab/experiment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <regex>

#include "rectify/base/random.h"
#include "rectify/data/export.h"
#include "rectify/lab/collection.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/interchange.h"
#include "rectify/model/model.h"
#include "rectify/onnx/onnx.h"
#include "tests/helpers.h"
#include "tests/lab/toy_recipe.h"
#include "tests/temporary_folder.h"

namespace rectify::lab {
namespace {

namespace fs = std::filesystem;

TEST(Experiment, MeasuresEveryCellWithEverySeed) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  const report::LabResult result =
      run_recipe(recipe, {.full = true, .out = folder.path()}, threads);
  ASSERT_EQ(result.cells.size(), 2u);
  EXPECT_EQ(result.cells[1].name, "4");
  ASSERT_EQ(result.cells[1].runs.size(), 2u);
  EXPECT_EQ(result.claims[0].values.size(), 2u);
  EXPECT_EQ(files_in(folder / "cells"), 6u);  // a search and two seeds, twice
  const auto kept = results_in(folder.path());
  ASSERT_EQ(kept.size(), 1u);
  EXPECT_EQ(report::to_json(kept[0]), report::to_json(result));
}

TEST(Experiment, GivesTheSameFiguresForAnyNumberOfThreads) {
  const TemporaryFolder one, two;
  ThreadPool single(1), both(2);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  EXPECT_EQ(figures_without_seconds(run_recipe(recipe, {.out = one.path()}, single)).dump(),
            figures_without_seconds(run_recipe(recipe, {.out = two.path()}, both)).dump());
}

TEST(Experiment, SaysWherePiecesWereTimedWithUnlikeThreads) {
  const TemporaryFolder folder;
  ThreadPool single(1), both(2);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  const report::LabResult before =
      run_recipe(recipe, {.full = true, .seeds = 1, .out = folder.path()}, both);
  EXPECT_EQ(before.settings.back().second, "2");
  EXPECT_TRUE(before.notes.empty());
  const report::LabResult after =
      run_recipe(recipe, {.full = true, .seeds = 2, .out = folder.path()}, single);
  EXPECT_EQ(after.settings.back().second, "1 and 2");
  ASSERT_EQ(after.notes.size(), 1u);
  EXPECT_TRUE(contains(after.notes[0], "different numbers of threads"));
}

TEST(Experiment, RefusesAFigureThatNothingHasAfterItsFirstRun) {
  const auto error_with = [](const std::string& from, const std::string& to) {
    const TemporaryFolder folder;
    ThreadPool threads(1);
    std::string text = toy;
    text.replace(text.find(from), from.size(), to);
    const Recipe recipe = parse_recipe(text, "toy", "toy.toml");
    const std::string error =
        error_of([&] { run_recipe(recipe, {.full = true, .out = folder.path()}, threads); });
    return concat(error, " after ", files_in(folder / "cells"));
  };
  EXPECT_EQ(error_with("test_error[2] -", "tets_error[2] -"),
            "recipe 'toy': the claim 'tets_error[2] - test_error[4]' is about the figure "
            "'tets_error', which 'train' did not measure; did you mean 'test_error'? after 2");
  EXPECT_TRUE(contains(error_with("test_error[2] - test_error[4]", "max(deadd[*])"),
                       "did you mean 'dead'? after 5"))
      << "the second cell could have had it";
  EXPECT_EQ(error_with("[grid]", "[[plot]]\ntitle = 'P'\nseries = 'training*'\n[grid]"),
            " after 6");
  EXPECT_TRUE(contains(error_with("[grid]", "[[plot]]\ntitle = 'P'\nseries = 'eror'\n[grid]"),
                       "the plot 'P' is about the series 'eror'"));
}

/// The toy recipe, which is about a figure of each of two rates instead, after a change of options.
Recipe by_rate(const std::string& rates, const std::string& figure, const std::string& option) {
  std::string text = toy;
  text.replace(text.find("{width}"), 7, "8");
  text.replace(text.find("batch = 32"), 10, "batch = 32, lr = '{rate}'");
  text.replace(text.find("width = [2, 4]"), 14, "rate = " + rates);
  text.replace(text.find("units = true"), 12, "units = true\n" + option);
  text.replace(text.find("test_error[2] - test_error[4]"), 29, figure);
  return parse_recipe(text, "toy", "toy.toml");
}

TEST(Experiment, CountsNoUnitsOfATrainingThatBroke) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const report::LabResult result = run_recipe(by_rate("[0.01, 1e20]", "max(dead[*])", ""),
                                              {.full = true, .out = folder.path()}, threads);
  const report::LabRun &sound = result.cells[0].runs[0], &broken = result.cells[1].runs[0];
  EXPECT_EQ(figure_of(sound, "diverged"), 0);
  EXPECT_GE(figure_of(sound, "dead"), 0);
  EXPECT_EQ(figure_of(broken, "diverged"), 1);
  EXPECT_TRUE(std::isnan(figure_of(broken, "dead")));
  EXPECT_TRUE(std::isnan(figure_of(broken, "never_positive")));
  EXPECT_EQ(result.claims[0].article->standing, report::Standing::cannot_be_told);
}

TEST(Experiment, TakesAPretrainingThatBrokeForATrainingThatBroke) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  for (const char* search : {"", "search = {lr = true, trial_epochs = 1}\n"}) {
    const Recipe recipe =
        by_rate("[0.01, 0.1]", "test_error[0.01]",
                concat(search, "stack = 'rbm 8 nrelu lr=1000 visible=gaussian'\nstack_epochs = 1"));
    const report::LabResult result =
        run_recipe(recipe, {.full = true, .out = folder.path()}, threads);
    EXPECT_EQ(figure_of(result.cells[0].runs[0], "diverged"), 1) << search;
    EXPECT_EQ(result.claims[0].article->standing, report::Standing::cannot_be_told);
  }
}

TEST(Experiment, TrainsNoFurtherThanAClaimNeeds) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const Recipe recipe =
      by_rate("[0.01, 0.1]", "reach_epoch[0.1]", "reach = 100\nstop_at_reach = true");
  const report::LabResult result =
      run_recipe(recipe, {.full = true, .out = folder.path()}, threads);
  EXPECT_EQ(result.claims[0].mean, 1);
  EXPECT_EQ(result.cells[1].runs[0].series.at(0).x.size(), 1u) << "of two epochs";
}

TEST(Experiment, ChecksTheOptionsOfEveryCellBeforeItMeasuresOne) {
  const auto error_with = [](const std::string& options) {
    const TemporaryFolder folder;
    ThreadPool threads(1);
    std::string text = toy;
    text.replace(text.find("[grid]\nwidth = [2, 4]"), 21,
                 "[[cell]]\nname = '2'\nwidth = 2\n[[cell]]\nname = '4'\nwidth = 4\n" + options);
    const Recipe recipe = parse_recipe(text, "toy", "toy.toml");
    const std::string error =
        error_of([&] { run_recipe(recipe, {.full = true, .out = folder.path()}, threads); });
    EXPECT_FALSE(fs::exists(folder / "cells")) << options;
    return error;
  };
  EXPECT_EQ(error_with("train = {epochz = 3}"),
            "recipe 'toy', cell '4': there is no option of training 'epochz'; did you mean "
            "'epochs'?");
  for (const char* options :
       {"train = {batch = -1}", "train = {lr = 'much'}", "search = {batch = [8, -1]}",
        "search = {lr = 3}", "model = '2 : dense {width} | rleu | dense 2'"})
    EXPECT_TRUE(error_with(options).starts_with("recipe 'toy', cell '4': ")) << options;
}

TEST(Experiment, AcceptsTheOptionsOfEveryRecipe) {
  for (const Recipe& recipe : recipes())
    for (const bool full : {false, true})
      for (const RecipeCell& cell : cells_of(recipe, full))
        if (recipe.measure->check) {
          EXPECT_EQ(error_of([&] { recipe.measure->check(cell.options); }), "")
              << recipe.id << ", " << cell.name;
        }
}

TEST(Experiment, GoesOnWhereItWasStopped) {
  const TemporaryFolder folder, fresh;
  ThreadPool threads(1);
  const Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  const ExperimentOptions how{.full = true, .out = folder.path()};
  int finished = 0;
  const auto progress = [&](const Progress& p) { finished += p.milestone ? 1 : 0; };
  EXPECT_THROW(run_recipe(recipe, how, threads, progress, [&] { return finished >= 2; }), Stopped);
  EXPECT_EQ(finished, 2);
  EXPECT_FALSE(fs::exists(folder / "toy"));
  const report::LabResult resumed = run_recipe(recipe, how, threads, progress);
  EXPECT_EQ(finished, 6) << "finished cells were measured again";
  const report::LabResult anew = run_recipe(recipe, {.full = true, .out = fresh.path()}, threads);
  EXPECT_EQ(figures_without_seconds(resumed).dump(), figures_without_seconds(anew).dump());
}

TEST(Experiment, MeasuresAnewWhatHasOtherOptions) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  std::string other = toy;
  other.replace(other.find("epochs = 2"), 10, "epochs = 3");
  const ExperimentOptions how{.full = true, .out = folder.path()};
  run_recipe(parse_recipe(toy, "toy", "toy.toml"), how, threads);
  run_recipe(parse_recipe(other, "toy", "toy.toml"), how, threads);
  EXPECT_EQ(files_in(folder / "cells"), 12u);
}

TEST(Experiment, MeasuresOnceWhatTwoClaimsNameDifferently) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  std::string named = toy;
  named.replace(named.find("[grid]\nwidth = [2, 4]"), 21,
                "[[cell]]\nname = \"narrow\"\nmodel = \"2 : dense 2 | relu | dense 2\"");
  named.replace(named.find("test_error[2] - test_error[4]"), 29, "test_error[narrow]");
  const ExperimentOptions how{.full = true, .out = folder.path()};
  const report::LabResult by_width = run_recipe(parse_recipe(toy, "a", "a.toml"), how, threads);
  const report::LabResult by_name = run_recipe(parse_recipe(named, "b", "b.toml"), how, threads);
  EXPECT_EQ(files_in(folder / "cells"), 6u);
  ASSERT_EQ(by_name.cells.size(), 1u);
  EXPECT_EQ(by_name.cells[0].name, "narrow");
  EXPECT_EQ(by_name.cells[0].runs[1].figures, by_width.cells[0].runs[1].figures);
}

TEST(Experiment, MeasuresAnewWhatIsMeasuredOtherwise) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  Recipe recipe = parse_recipe(toy, "toy", "toy.toml");
  Measure changed = *recipe.measure;
  changed.version += 1;
  const ExperimentOptions how{.full = true, .out = folder.path()};
  run_recipe(recipe, how, threads);
  recipe.measure = &changed;
  run_recipe(recipe, how, threads);
  EXPECT_EQ(files_in(folder / "cells"), 12u);
}

TEST(Experiment, CannotTellAnErrorOnItsOwnDataFromAShortRun) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  std::string text = toy;
  text.replace(text.find("[full]"), 6, "[quick]\nsamples = 100\n[full]");
  text.replace(text.find("seeds = 2"), 9, "seeds = 3");  // which may have equal errors
  text +=
      "[[claims]]\ntext = 'any'\nmeasured = 'test_error[2]'\n"
      "article = {by = 'E', between = [-1000, 1000], absolute = true}\n";
  const Recipe recipe = parse_recipe(text, "toy", "toy.toml");
  const auto standing = [&](bool full) {
    return run_recipe(recipe, {.full = full, .out = folder.path()}, threads)
        .claims.at(1)
        .article->standing;
  };
  EXPECT_EQ(standing(true), report::Standing::holds);
  EXPECT_EQ(standing(false), report::Standing::cannot_be_told);
}

TEST(Experiment, StandsInForDataThatAreNotThereAndSaysSo) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  std::string text = toy;
  text.replace(text.find("data = \"moons:train=200,test=100\""), 33,
               "data = \"mnist:{data}/mnist\"\nstand_in = \"moons:train=200,test=100\"");
  const ExperimentOptions how{.data_dir = folder / "none", .out = folder.path()};
  const report::LabResult result = run_recipe(parse_recipe(text, "t", "t.toml"), how, threads);
  EXPECT_TRUE(contains(result.stand_in, "stands in for the claim's own data"));
  text.replace(text.find("stand_in"), 9, "#");
  const std::string error =
      error_of([&] { run_recipe(parse_recipe(text, "t", "t.toml"), how, threads); });
  EXPECT_TRUE(contains(error, "rectify data fetch mnist --out ")) << error;
}

/// Widths and depths that are small enough for a test, the same for all places of a text.
Json shrunk(const Json& json) {
  if (json.is_text()) {
    std::string text = json.get<std::string>();
    for (const auto& [from, to] :
         {std::pair("\\b(1000|2000|4000|500|512|688)\\b", "16"),
          std::pair("conv [0-9]+ ", "conv 4 "), std::pair("embedding 256 128", "embedding 256 16"),
          std::pair("dense 384", "dense 48"), std::pair("dense 128", "dense 16"),
          std::pair("repeat (100|50|48|24)", "repeat 3"),
          std::pair("repeat (4|6|10) ", "repeat 2 ")})
      text = std::regex_replace(text, std::regex(from), to);
    return text;
  }
  if (!json.is_object()) return json;
  Json object = Json::object();
  for (const auto& [name, member] : json.members()) object[name] = shrunk(member);
  return object;
}

/// The recipe with so little to do that a test can do it.
Recipe miniature(Recipe recipe) {
  const auto has = [&](const char* name) {
    return std::ranges::count(recipe.measure->options, name, &MeasureOption::name) > 0;
  };
  for (const auto& [from, to] : {std::pair("train=82000,test=10000", "train=250,test=62"),
                                 std::pair("cluttered$", "cluttered,train=60,test=30")})
    recipe.data = std::regex_replace(recipe.data, std::regex(from), to);
  recipe.options = shrunk(recipe.options);
  for (Json& cell : recipe.cells) cell = shrunk(cell);
  Json& changes = recipe.quick.changes = shrunk(recipe.quick.changes);
  for (const auto& [name, value] : {std::pair("samples", recipe.id == "mlp-nistp" ? 250 : 60),
                                    {"test_samples", 30},
                                    {"stack_epochs", 1},
                                    {"batch", 8},
                                    {"width", 16},
                                    {"draws", 20},
                                    {"count", 3},
                                    {"every", 1},
                                    {"epochs_after", 1},
                                    {"segments", 2}})
    if (has(name)) changes[name] = value;
  if (has("train") && recipe.measure->name != "signals") {
    Json train = changes.contains("train") ? changes.at("train") : Json::object();
    train["epochs"] = 2;
    train["batch"] = 16;
    changes["train"] = train;
  }
  const bool by_depth = recipe.measure->name == "signals" && recipe.options.contains("depths");
  if (by_depth) changes["depths"] = std::vector<int>{2, 4};
  return recipe;
}

/// A list of one instance: y = relu(x) is never 2 or more for x from 0 to 1, but may be 1.
void make_property(const fs::path& folder) {
  fs::create_directories(folder);
  model::Model one("1 : dense 1 bias=no | relu | dense 1 bias=no");
  std::ranges::fill(one.parameters.span(), 1.0f);
  one.loss = "mean_squared_error";
  onnx::save(folder / "one.onnx", model::to_network(one));
  for (const char* at_least : {"2", "1"})
    write_file(folder / (std::string(at_least) + ".vnnlib"),
               std::string("(declare-const X_0 Real)(declare-const Y_0 Real)"
                           "(assert (>= X_0 0))(assert (<= X_0 1))(assert (>= Y_0 ") +
                   at_least + "))");
  write_file(folder / "instances.csv", "one.onnx,2.vnnlib,10\none.onnx,1.vnnlib,10\n");
}

/// Few samples of each kind of data that recipes ask for.
void make_data(const fs::path& folder, ThreadPool& threads) {
  data::write_as_idx(data::open("glyphs:train=120,test=40", threads), (folder / "mnist").string(),
                     false);
  fs::create_directories(folder / "cifar10");
  std::string batch;
  const Random random(1);
  for (std::uint64_t i = 0; i < 20 * 3073; ++i)
    batch += static_cast<char>(i % 3073 == 0 ? i / 3073 % 10 : random.below(i, 256));
  for (const char* name : {"data_batch_1.bin", "data_batch_2.bin", "data_batch_3.bin",
                           "data_batch_4.bin", "data_batch_5.bin", "test_batch.bin"})
    write_file(folder / "cifar10" / name, batch);
  std::string text;
  for (int i = 0; i < 3000; ++i) text += "a rectifier passes what is positive ";
  write_file(folder / "text", text);
  make_property(folder / "acasxu");
}

/// Whether a training went non-finite, which so few samples may bring about.
bool has_diverged(const report::LabResult& result) {
  for (const report::LabCell& cell : result.cells)
    for (const report::LabRun& run : cell.runs)
      if (std::ranges::count(run.figures, std::pair<std::string, double>("diverged", 1)))
        return true;
  return false;
}

TEST(Experiment, RunsAMiniatureOfEveryRecipe) {
  const TemporaryFolder folder;
  ThreadPool threads(1);  // networks so small are faster on one
  make_data(folder.path(), threads);
  const ExperimentOptions how{.seeds = 1, .data_dir = folder.path(), .out = folder / "out"};
  for (const Recipe& recipe : recipes()) {
    SCOPED_TRACE(recipe.id);
    const Recipe tiny = miniature(recipe);
    report::LabResult result;
    EXPECT_EQ(error_of([&] { result = run_recipe(tiny, how, threads); }), "") << recipe.id;
    EXPECT_EQ(result.cells.size(), cells_of(tiny, false).size());
    EXPECT_EQ(result.claims.size(), recipe.claims.size());
    // A figure that a claim names wrongly would be missing in every run.
    const auto cells = cells_of(tiny, false);
    for (std::size_t i = 0; i < result.claims.size(); ++i) {
      const std::string& measured = result.claims[i].measured;
      // Trainings so short reach nothing, and some of them learn nothing.
      const bool may_lack = has_diverged(result) || contains(measured, "reach_epoch") ||
                            contains(measured, "converge");
      bool there = true;  // in the quick mode
      for (std::size_t at = measured.find('['); at != std::string::npos && there;
           at = measured.find('[', at + 1)) {
        const std::string cell = measured.substr(at + 1, measured.find(']', at) - at - 1);
        there = std::ranges::any_of(cells, [&](const auto& c) { return means_cell(cell, c.name); });
      }
      if (there && !may_lack) {
        EXPECT_TRUE(std::isfinite(result.claims[i].mean)) << measured;
      }
    }
    write_pages({result}, folder / "out");
    EXPECT_TRUE(fs::exists(folder / "out" / (recipe.id + ".html")));
  }
}

TEST(Collection, GoesOnAfterAClaimThatCannotBeMeasured) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  fs::create_directories(folder / "mnist");  // without the files that make it one
  const ExperimentOptions how{.seeds = 1, .data_dir = folder.path(), .out = folder / "out"};
  double last = 0;
  const Collection all =
      run_recipes(recipes_named({"anchors", "half-zero", "verify-acas", "exercises"}), how, threads,
                  [&](const Progress& p) {
                    EXPECT_GE(p.done, last);
                    EXPECT_GE(p.seconds_left, 0);
                    last = p.done;
                  },
                  {});
  ASSERT_EQ(all.results.size(), 2u);
  EXPECT_EQ(all.results[1].id, "exercises");
  ASSERT_EQ(all.left_out.size(), 2u);
  EXPECT_EQ(all.left_out[0].id, "half-zero");
  EXPECT_FALSE(all.left_out[0].no_data);
  EXPECT_TRUE(contains(all.left_out[0].why, "mnist")) << all.left_out[0].why;
  EXPECT_TRUE(all.left_out[1].no_data);
  EXPECT_TRUE(contains(all.left_out[1].why, "VNN-COMP 2021")) << all.left_out[1].why;
}

TEST(Collection, LeavesOutClaimsWithoutDataUnlessOneIsAskedForAlone) {
  const TemporaryFolder folder;
  ThreadPool threads(1);
  const ExperimentOptions how{.data_dir = folder / "none", .out = folder.path()};
  const Collection all =
      run_recipes(recipes_named({"anchors", "speed-converge-conv"}), how, threads, {}, {});
  EXPECT_EQ(all.results.size(), 1u);
  ASSERT_EQ(all.left_out.size(), 1u);
  EXPECT_EQ(all.left_out[0].id, "speed-converge-conv");
  EXPECT_THROW(run_recipes(recipes_named({"speed-converge-conv"}), how, threads, {}, {}), NoData);
  EXPECT_TRUE(contains(error_of([] { recipes_named({"anchors", "anchors"}); }), "twice"));
}

}  // namespace
}  // namespace rectify::lab
