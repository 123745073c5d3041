// A comparison's figures: those of one layer come together by its label.

#include "rectify/lab/summary.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/lab/winner.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"
#include "tests/toy_data.h"

namespace rectify::lab {
namespace {

/// Two layers, four weights; `add` tells the seeds apart.
RunResult run_of(double add) {
  RunResult run{.test_error = 0.25, .best_epoch = 1, .training_samples = 300};
  run.history = {{.epoch = 1,
                  .seconds = 1,
                  .gradients = {{"dense1.weight", 1 + add},
                                {"dense2.weight", 20 + add},
                                {"dense3.weight", 300 + add},
                                {"dense4.weight", 4000 + add}},
                  .layers = {{"relu1", "dense1.weight", 0.5, 0.125},
                             {"relu2", "dense3.weight", 0.25, 0.375}}}};
  run.layers = {{"relu1", 3, 0.5, 0, {-1, 1, {1}}}, {"relu2", 4, 0.25, 0.5, {-2, 2, {2}}}};
  return run;
}

report::ActivationResult figures_of(std::vector<RunResult> seeds) {
  CompareOptions options;
  options.seeds = static_cast<int>(seeds.size());
  return summarise(options, moons(), {{.name = "relu", .seeds = std::move(seeds)}}, 1)
      .activations[0];
}

TEST(Summary, ShowsALayerTheGradientOfTheWeightThatFeedsIt) {
  const report::ActivationResult got = figures_of({run_of(0), run_of(2)});
  ASSERT_EQ(got.layers.size(), 2u);
  EXPECT_EQ(got.layers[0].weight, "dense1.weight");
  EXPECT_EQ(got.layers[0].gradient_norm, 1) << "of the first seed";
  EXPECT_EQ(got.layers[1].weight, "dense3.weight");
  EXPECT_EQ(got.layers[1].gradient_norm, 300);
  EXPECT_EQ(got.layers[1].units, 4);
  EXPECT_EQ(got.layers[1].outputs.low, -2);
  ASSERT_EQ(got.history[0].layers.size(), 2u);
  EXPECT_EQ(got.history[0].layers[0].label, "relu1");
  EXPECT_EQ(got.history[0].layers[0].gradient_norm, 2) << "the mean over seeds";
  EXPECT_EQ(got.history[0].layers[1].gradient_norm, 301);
  EXPECT_EQ(got.exact_zeros, (3 * 0.5 + 4 * 0.25) / 7);
}

TEST(Summary, FindsRecordsByLabelWhateverTheirOrder) {
  RunResult turned = run_of(2);
  std::ranges::reverse(turned.layers);
  std::ranges::reverse(turned.history[0].layers);
  std::ranges::reverse(turned.history[0].gradients);
  const report::ActivationResult got = figures_of({run_of(0), turned});
  const report::ActivationResult want = figures_of({run_of(0), run_of(2)});
  for (std::size_t l = 0; l < 2; ++l) {
    const report::LayerEpoch &a = got.history[0].layers[l], &b = want.history[0].layers[l];
    EXPECT_EQ(a.label, b.label);
    EXPECT_EQ(a.gradient_norm, b.gradient_norm);
    EXPECT_EQ(a.exact_zeros, b.exact_zeros);
    EXPECT_EQ(a.dead_units, b.dead_units);
  }
  EXPECT_EQ(figures_of({turned, run_of(0)}).layers[0].gradient_norm, 302) << "relu2 stands first";
}

report::Comparison summary_with_ratios(const std::vector<double>& ratios) {
  RunResult run = run_of(0);
  run.history.assign(ratios.size(), run.history[0]);
  for (std::size_t e = 0; e < ratios.size(); ++e) run.history[e].gradient_ratio = ratios[e];
  CompareOptions options;
  options.seeds = 1;
  return summarise(options, moons(), {{.name = "tanh", .seeds = {run}}}, 1);
}

std::string last_note(const report::Comparison& c) { return c.notes.empty() ? "" : c.notes.back(); }

TEST(Summary, RemarksOnGradientsThatVanishOrExplode) {
  EXPECT_EQ(last_note(summary_with_ratios({0.5, 1.5})), "");
  EXPECT_EQ(summary_with_ratios({0.5, 1.5}).activations[0].gradient_ratio, 1);
  EXPECT_TRUE(contains(last_note(summary_with_ratios({0, 0})), "is 0 to single precision"));
  EXPECT_TRUE(contains(last_note(summary_with_ratios({1.2e-9, 1.2e-9})),
                       "tanh: the gradient vanishes: that of the first layer is 1.2e-9 of"));
  EXPECT_TRUE(contains(last_note(summary_with_ratios({3e7, 3e7})),
                       "tanh: the gradient explodes: that of the first layer is 30000000 times"));
}

// Where the last layer's gradient is 0, the ratio is that of the first layer over 1e-300.
TEST(Summary, LeavesOutEpochsWhoseLastLayerHasNoGradient) {
  const report::Comparison some = summary_with_ratios({0.5, 1.5e255, 1.5});
  EXPECT_EQ(some.activations[0].gradient_ratio, 1);
  EXPECT_TRUE(contains(last_note(some), "in 1 of 3 epochs the last layer's gradient was 0"))
      << last_note(some);
  EXPECT_TRUE(std::isnan(summary_with_ratios({1.5e255}).activations[0].gradient_ratio));
}

TEST(Summary, SaysHowSureTheChoiceOfARateIs) {
  CompareOptions options;
  options.seeds = 1;
  SearchResult search{.lr = 0.2, .trials = {{0.063, 0.1}, {0.2, 0.1}, {0.63, 0.1}}};
  search.choice = {.folds = 5, .samples = 142, .rates = 3, .alike = 3, .standard_error = 0.025};
  const report::Comparison c =
      summarise(options, moons(), {{.name = "relu", .search = search, .seeds = {run_of(0)}}}, 1);
  EXPECT_EQ(
      last_note(c),
      "Learning rates, judged on 142 samples (5-fold cross-validation): relu 0.2, chosen among "
      "3 rates that cannot be told apart.");
  const Json one = Json::parse(report::to_json(c))["activations"][0];
  EXPECT_EQ(one["rate_choice"]["alike"], 3);
  EXPECT_EQ(one["rate_choice"]["folds"], 5);
  EXPECT_EQ(one["rate_choice"]["samples"], 142);
  EXPECT_EQ(one["rate_choice"]["standard_error"], 0.025);
}

TEST(Summary, CountsDeadChannelsApartFromDeadUnits) {
  RunResult run = run_of(0);
  run.layers[0].units = 30;  // 10 positions
  run.layers[0].channels = 3;
  run.layers[0].dead_units = 0.1;
  run.layers[0].dead_channels = 0;
  run.layers[1].channels = 4;
  run.layers[1].dead_channels = 0.5;
  run.history[0].layers[1].dead_channels = 0.375;
  const report::ActivationResult got = figures_of({run, run});
  EXPECT_DOUBLE_EQ(got.dead_units, (30 * 0.1 + 4 * 0.5) / 34);
  EXPECT_DOUBLE_EQ(got.dead_channels, (3 * 0.0 + 4 * 0.5) / 7);
  EXPECT_EQ(got.layers[0].channels, 3);
  EXPECT_EQ(got.layers[1].dead_channels, 0.5);
  EXPECT_EQ(got.history[0].layers[1].dead_channels, 0.375);
  const RunResult back = run_result_from_json(to_json(run));
  EXPECT_EQ(back.layers[0].channels, 3);
  EXPECT_EQ(back.layers[1].dead_channels, 0.5);
}

/// A run that stopped after so many epochs, with these validation errors; epoch e has the training
/// loss 10 e and takes e seconds.
RunResult run_with_errors(const std::vector<double>& errors) {
  RunResult run = run_of(0);
  run.history.assign(errors.size(), run.history[0]);
  for (std::size_t e = 0; e < errors.size(); ++e) {
    const auto epoch = static_cast<double>(e + 1);
    run.history[e].epoch = static_cast<int>(e) + 1;
    run.history[e].validation_error = errors[e];
    run.history[e].train_loss = 10 * epoch;
    run.history[e].seconds = epoch;
    run.history[e].gradient_ratio = 1;
    run.history[e].gradients[0].norm = epoch;
    run.history[e].layers[0].exact_zeros = epoch / 8;
  }
  run.best_epoch = static_cast<int>(std::ranges::min_element(errors) - errors.begin()) + 1;
  return run;
}

report::Comparison summary_of_two(const std::vector<RunResult>& relu,
                                  const std::vector<RunResult>& tanh,
                                  const CompareOptions& options = {}) {
  return summarise(options, moons(),
                   {{.name = "relu", .seeds = relu}, {.name = "tanh", .seeds = tanh}}, 1);
}

TEST(Summary, GoesOnToTheLongestSeedWithTheBestFiguresOfThoseThatStopped) {
  const std::vector<RunResult> relu = {run_with_errors({0.5, 0.25, 0.75}),
                                       run_with_errors({0.5, 0.5, 0.25, 0.25, 0.125})};
  const std::vector<RunResult> tanh = {run_with_errors({0.5, 0.1875}),
                                       run_with_errors({0.5, 0.1875})};
  const report::Comparison c = summary_of_two(relu, tanh);
  const report::ActivationResult& got = c.activations[0];
  ASSERT_EQ(got.history.size(), 5u);
  const double errors[] = {0.5, 0.375, 0.5, 0.25, 0.1875}, losses[] = {10, 20, 30, 35, 40},
               zeros[] = {0.125, 0.25, 0.375, 0.375, 0.4375}, norms[] = {1, 2, 3, 3.5, 4};
  for (std::size_t e = 0; e < 5; ++e) {
    EXPECT_EQ(got.history[e].epoch, static_cast<int>(e) + 1);
    EXPECT_EQ(got.history[e].validation_error, errors[e]) << e;
    EXPECT_EQ(got.history[e].train_loss, losses[e]) << e;
    EXPECT_EQ(got.history[e].layers[0].exact_zeros, zeros[e]) << e;
    EXPECT_EQ(got.history[e].layers[0].gradient_norm, norms[e]) << e;
  }
  EXPECT_EQ(got.match_epoch, 5) << "after its shortest seed";
  EXPECT_EQ(c.activations[1].match_epoch, 2);
  EXPECT_TRUE(contains(last_note(c), "different numbers of epochs: relu after 3 to 5. "))
      << last_note(c);
}

TEST(Summary, SaysNothingOfStoppedSeedsWhereAllRanEquallyLong) {
  const std::vector<RunResult> runs = {run_with_errors({0.5, 0.25}), run_with_errors({0.25, 0.5})};
  const report::Comparison c = summary_of_two(runs, runs);
  EXPECT_EQ(last_note(c), "");
  EXPECT_EQ(c.activations[0].history[1].validation_error, 0.375);
  EXPECT_EQ(c.activations[0].match_epoch, 1) << "the lowest mean, not the mean of the lowest";
}

RunResult weighted_run(const std::vector<double>& plain, const std::vector<double>& weighted,
                       const std::vector<std::vector<std::int64_t>>& confusion) {
  RunResult run = run_with_errors(plain);
  for (std::size_t e = 0; e < weighted.size(); ++e) run.history[e].weighted_error = weighted[e];
  run.best_epoch = static_cast<int>(std::ranges::min_element(weighted) - weighted.begin()) + 1;
  run.confusion = confusion;
  return run;
}

TEST(Summary, SaysThatClassWeightsChoseAndWhatTheTestErrorsAreByThem) {
  CompareOptions options;
  options.seeds = 1;
  options.train.class_weights = "1=3";
  const RunResult relu = weighted_run({0.125, 0.25}, {0.5, 0.375}, {{5, 0}, {1, 4}});
  const RunResult tanh = weighted_run({0.125, 0.25}, {0.625, 0.25}, {{3, 2}, {0, 5}});
  const report::Comparison c = summary_of_two({relu}, {tanh}, options);
  EXPECT_TRUE(std::isnan(c.activations[0].match_epoch)) << "the weighted error is never 0.25";
  EXPECT_EQ(c.activations[1].match_epoch, 2);
  EXPECT_TRUE(contains(last_note(c),
                       "Learning rates and best epochs were chosen by the validation error "
                       "weighted by class, "))
      << last_note(c);
  EXPECT_TRUE(contains(last_note(c), "weighted by class: relu 15.00 %, tanh 10.00 %."))
      << last_note(c);
  options.search = false;
  EXPECT_TRUE(last_note(summary_of_two({relu}, {tanh}, options)).starts_with("Best epochs were"));
}

TEST(Winner, IsTheSeedWithTheLowestErrorByWhatChoseTheBestEpochs) {
  const TemporaryFolder folder;
  ActivationRuns runs{
      .name = "relu",
      .seeds = {weighted_run({0.125}, {0.5}, {}), weighted_run({0.25}, {0.375}, {})}};
  report::Comparison c;
  c.activations = {{.name = "relu"}};
  keep_winner(folder.path(), Keep::best, {runs}, c);
  EXPECT_TRUE(contains(last_note(c), "relu, seed 2: ")) << last_note(c);
  EXPECT_TRUE(contains(last_note(c), "the lowest validation error weighted by class."));
}

TEST(Summary, RefusesRunsOfDifferentNetworks) {
  RunResult other = run_of(0);
  other.history[0].layers[1].label = "tanh1";
  EXPECT_TRUE(contains(error_of([&] { figures_of({run_of(0), other}); }), "'relu2'"));
  other = run_of(0);
  other.history[0].gradients.pop_back();
  EXPECT_EQ(figures_of({other}).layers[1].gradient_norm, 300);
  other.history[0].gradients.pop_back();
  EXPECT_TRUE(contains(error_of([&] { figures_of({other}); }), "'dense3.weight'"));
}

CompareOptions options_of(const std::string& model) {
  CompareOptions o;
  o.activations = {"relu"};
  o.model = model;
  o.search = false;
  o.seeds = 2;
  o.train.epochs = 2;
  o.train.lr = 0.01;
  return o;
}

TEST(Summary, GivesLayersThatNoWeightFeedsNoGradient) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  const report::Comparison c = compare(options_of("2 : relu | relu | relu | relu | dense 2"),
                                       moons(), folder.path(), threads);
  const report::ActivationResult& relu = c.activations[0];
  ASSERT_EQ(relu.layers.size(), 4u);
  for (const report::Layer& layer : relu.layers) {
    EXPECT_EQ(layer.weight, "");
    EXPECT_TRUE(std::isnan(layer.gradient_norm)) << layer.label << ": " << layer.gradient_norm;
  }
  for (const report::Epoch& epoch : relu.history)
    for (const report::LayerEpoch& layer : epoch.layers)
      EXPECT_TRUE(std::isnan(layer.gradient_norm)) << layer.label << ": " << layer.gradient_norm;
  const Json json = Json::parse(report::to_json(c))["activations"][0];
  EXPECT_TRUE(json["layers"][3]["weight"].is_null());
  EXPECT_TRUE(json["layers"][3]["gradient_norm"].is_null());
  EXPECT_EQ(json["history"][0]["layers"][3]["label"], "relu4");
}

TEST(Summary, ShowsTheTrainersNormsOfTheWeightsThatFeedTheLayers) {
  const std::string model =
      "2 : dense 3 | relu | dense 3 | dense 4 | relu | residual(dense 4 | relu | dense 4) | relu | "
      "dense 2";
  ThreadPool threads(2);
  const TemporaryFolder folder;
  CompareOptions options = options_of(model);
  options.seeds = 1;
  const data::Dataset data = moons();
  const report::ActivationResult relu =
      compare(options, data, folder.path(), threads).activations[0];
  options.train.model = model;
  options.train.seed = 1;
  train::Trainer trainer(options.train, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  const auto norm = [&](std::size_t epoch, const std::string& weight) {
    const auto& all = trainer.history()[epoch].gradients;
    return std::ranges::find(all, weight, &train::GradientRecord::weight)->norm;
  };
  const char* const feeds[] = {"dense1.weight", "dense3.weight", "dense4.weight", "dense5.weight"};
  ASSERT_EQ(relu.layers.size(), 4u);
  for (std::size_t l = 0; l < 4; ++l) {
    EXPECT_EQ(relu.layers[l].weight, feeds[l]);
    EXPECT_EQ(relu.layers[l].gradient_norm, norm(1, feeds[l]));
    EXPECT_EQ(relu.history[0].layers[l].gradient_norm, norm(0, feeds[l]));
  }
}

TEST(Summary, GoesOnFromTheRunsOfAnOlderProgram) {
  ThreadPool threads(2);
  const TemporaryFolder folder;
  const CompareOptions options =
      options_of("2 : dense 3 | relu | dense 3 | dense 4 | relu | dense 2");
  const std::string want = report::to_json(compare(options, moons(), folder.path(), threads));
  for (const char* name : {"relu-seed-1.json", "relu-seed-2.json"}) {
    Json run = Json::parse(read_file(folder / "runs" / name));
    for (Json& epoch : run["history"]) {  // norms without labels, layers without weights
      Json norms = Json::array();
      for (const auto& [weight, norm] : epoch["gradients"].members()) norms.push_back(norm);
      epoch["gradients"] = norms;
      for (Json& layer : epoch["layers"]) layer.erase("weight");
    }
    Json units = Json::array(), outputs = Json::array(), layers = Json::array();
    for (const Json& layer : run["layers"]) {  // three lists side by side
      units.push_back(layer["units"]);
      outputs.push_back(layer["outputs"]);
      layers.push_back({layer["label"], layer["exact_zeros"], layer["dead_units"]});
    }
    run["units"] = units;
    run["outputs"] = outputs;
    run["layers"] = layers;
    write_file(folder / "runs" / name, run.dump());
  }
  EXPECT_EQ(report::to_json(compare(options, moons(), folder.path(), threads)), want);
}

TEST(RunResult, OfAnOlderProgramWhoseListsDoNotFitIsRefused) {
  const std::string run =
      R"({"finite":true,"trouble":"","test_error":0.25,"best_epoch":1,"training_samples":54,)"
      R"("units":[4,5],"confusion":[[1]],"history":[],"outputs":[{"low":0,"high":1,"counts":[1]}],)"
      R"("layers":[["relu1",0.5,0.0]]})";
  EXPECT_TRUE(contains(error_of([&] { run_result_from_json(run); }), "cannot be read"));
}

}  // namespace
}  // namespace rectify::lab
