#include "rectify/lab/compare.h"

#include <gtest/gtest.h>

#include <cmath>
#include <functional>
#include <map>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/lab/pretraining.h"
#include "rectify/lab/run_result.h"
#include "rectify/lab/stopped.h"
#include "rectify/train/trainer.h"
#include "tests/helpers.h"
#include "tests/temporary_folder.h"

namespace rectify::lab {
namespace {

namespace fs = std::filesystem;

/// Every file below with the time of its last change.
std::map<std::string, fs::file_time_type> files_of(const TemporaryFolder& folder) {
  std::map<std::string, fs::file_time_type> found;
  for (const auto& entry : fs::recursive_directory_iterator(folder.path()))
    if (entry.is_regular_file())
      found[fs::relative(entry.path(), folder.path()).string()] = entry.last_write_time();
  return found;
}

data::Dataset moons() {
  ThreadPool threads(1);
  return data::open("moons:train=300,test=200", threads);
}

CompareOptions small(std::vector<std::string> activations = {"relu", "leaky_relu a=0.02", "tanh"}) {
  CompareOptions o;
  o.activations = std::move(activations);
  o.hidden = {16, 8};
  o.seeds = 3;
  o.train.data = "moons:train=300,test=200";
  o.train.epochs = 3;
  o.train.batch = 32;
  o.train.lr = 0.05;
  o.command = "rectify compare ...";
  return o;
}

/// The document without what the clock says.
std::string figures_of(report::Comparison c) {
  for (report::ActivationResult& a : c.activations) {
    a.seconds_per_epoch = a.samples_per_second = a.pretraining_seconds = 0;
    for (report::Epoch& epoch : a.history) epoch.seconds = 0;
  }
  return report::to_json(c);
}

TEST(Compare, FindsFiguresForEveryActivationAndRepeatsNoWork) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  const CompareOptions options = small();
  const report::Comparison first = compare(options, data, folder.path(), threads);
  ASSERT_EQ(first.activations.size(), 3u);
  EXPECT_EQ(first.seeds, (std::vector<std::uint64_t>{1, 2, 3}));
  EXPECT_FALSE(first.verdict.empty());
  EXPECT_EQ(first.command, options.command);
  for (std::size_t i = 0; i < 3; ++i) {
    const report::ActivationResult& a = first.activations[i];
    EXPECT_EQ(a.name, options.activations[i]);
    EXPECT_EQ(a.test_error.values.size(), 3u);
    EXPECT_LT(a.test_error.mean, 0.4) << a.name;
    EXPECT_GE(a.search.size(), 3u);
    EXPECT_GT(a.lr, 0);
    EXPECT_EQ(a.history.size(), 3u);
    ASSERT_EQ(a.layers.size(), 2u);
    EXPECT_EQ(a.layers[0].units, 16);
    EXPECT_EQ(a.layers[1].units, 8);
    double outputs = 0;
    for (const double count : a.layers[0].outputs.counts) outputs += count;
    EXPECT_EQ(outputs, 30 * 16) << "the validation samples times the units";
    std::int64_t judged = 0;
    for (const auto& row : a.confusion)
      for (const std::int64_t count : row) judged += count;
    EXPECT_EQ(judged, 3 * 200);
    EXPECT_EQ(a.exact_zeros > 0.1, a.name == "relu");
    EXPECT_GT(a.samples_per_second, 0);
  }
  const auto files = files_of(folder);
  EXPECT_GE(files.size(), 9u + 9u);
  const report::Comparison second = compare(options, data, folder.path(), threads);
  EXPECT_EQ(figures_of(first), figures_of(second));
  EXPECT_EQ(second.activations[0].seconds_per_epoch, first.activations[0].seconds_per_epoch);
  EXPECT_EQ(files_of(folder), files) << "a finished run was written again";

  ThreadPool one(1);
  const data::Dataset other = data::open("moons:train=300,test=200,seed=2", one);
  EXPECT_THROW(compare(options, other, folder.path(), threads), Error) << "the data changed";
}

TEST(Compare, StoppedAnywhereContinuesToTheSameFigures) {
  const data::Dataset data = moons();
  ThreadPool threads(2), one(1);
  const TemporaryFolder whole, parts;
  CompareOptions options = small({"relu", "elu"});
  const std::string want = figures_of(compare(options, data, whole.path(), threads));
  int stops = 0;
  std::string got;
  for (int patience = 40; got.empty(); patience += 25) {
    int asked = 0;
    try {
      got = figures_of(
          compare(options, data, parts.path(), threads, {}, [&] { return ++asked > patience; }));
    } catch (const Stopped&) {
      ++stops;
      ASSERT_LT(stops, 50);
    }
  }
  EXPECT_GT(stops, 1);
  EXPECT_EQ(got, want);
}

TEST(Compare, SaysWhereRunsWereTimedWithUnlikeThreads) {
  const data::Dataset data = moons();
  ThreadPool threads(2), one(1);
  const TemporaryFolder folder;
  CompareOptions options = small({"relu"});
  options.search = false;
  options.seeds = 2;
  EXPECT_FALSE(contains(to_json(compare(options, data, folder.path(), threads)), "were timed"));
  options.seeds = 3;
  EXPECT_TRUE(contains(to_json(compare(options, data, folder.path(), one)),
                       "Its runs were timed with 1 thread of "));
}

TEST(Compare, TrainsEveryActivationFromEveryStart) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder, parts;
  CompareOptions options = small({"relu", "tanh"});
  options.search = false;
  options.seeds = 2;
  options.pretraining = {"none", "rbm"};
  options.pretraining_epochs = 2;
  const report::Comparison all = compare(options, data, folder.path(), threads);
  ASSERT_EQ(all.activations.size(), 4u);
  const char* names[] = {"relu", "relu + rbm", "tanh", "tanh + rbm"};
  for (std::size_t i = 0; i < 4; ++i) {
    EXPECT_EQ(all.activations[i].name, names[i]);
    EXPECT_EQ(all.activations[i].pretraining_seconds > 0, i % 2 == 1) << names[i];
    EXPECT_EQ(contains(report::to_json(all), "pretraining_seconds"), true);
  }
  EXPECT_NE(all.activations[0].history[0].train_loss, all.activations[1].history[0].train_loss);
  const auto files = files_of(folder);
  EXPECT_EQ(figures_of(compare(options, data, folder.path(), threads)), figures_of(all));
  EXPECT_EQ(files_of(folder), files) << "a finished pretraining was done again";
  EXPECT_EQ(compare_options_from_json(to_json(options)).pretraining, options.pretraining);
  EXPECT_TRUE(contains(report::to_text(all, 100), "train s"));
  EXPECT_TRUE(contains(report::to_html(all), "Seconds of pretraining"));
}

TEST(Compare, GoesOnWithoutAPretrainingThatWentNonFinite) {
  data::Dataset data = moons();
  for (float& value : data.train.values) value *= 1e25f;
  ThreadPool threads(1);
  const TemporaryFolder folder;
  CompareOptions options = small({"sigmoid"});
  options.search = false;
  options.train.normalise = data::Normaliser::none;
  options.pretraining = {"rbm"};
  options.pretraining_epochs = 2;
  EXPECT_TRUE(contains(to_json(compare(options, data, folder.path(), threads)),
                       "sigmoid + rbm has no figures: with seed 1 pretraining: "));
}

TEST(Compare, TrainsEveryActivationWithEveryPenaltyAndTimesItsAnswers) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  CompareOptions options = small({"relu", "top_k 0.25"});
  options.search = false;
  options.seeds = 2;
  options.penalties = {0, 0.3};
  const report::Comparison all = compare(options, data, folder.path(), threads);
  ASSERT_EQ(all.activations.size(), 4u);
  const char* names[] = {"relu l1=0", "relu l1=0.3", "top_k 0.25 l1=0", "top_k 0.25 l1=0.3"};
  for (std::size_t i = 0; i < 4; ++i) {
    const report::ActivationResult& one = all.activations[i];
    EXPECT_EQ(one.name, names[i]);
    EXPECT_GT(one.answers_of_one, 0);
    EXPECT_GT(one.answers_of_batch, 0);
    ASSERT_EQ(one.layers.size(), 2u);
    // Of 16 and of 8 units, 4 and 2 fire at most.
    const double least = i >= 2 ? 0.75 : 0;
    for (const report::Layer& layer : one.layers) EXPECT_GE(layer.exact_zeros, least);
  }
  for (const std::size_t i : {0, 2})
    EXPECT_NE(all.activations[i].history[0].train_loss,
              all.activations[i + 1].history[0].train_loss);
  const auto files = files_of(folder);
  const report::Comparison again = compare(options, data, folder.path(), threads);
  EXPECT_EQ(report::to_json(again), report::to_json(all)) << "speeds are kept too";
  EXPECT_EQ(files_of(folder), files) << "a finished run was written again";
  EXPECT_EQ(compare_options_from_json(to_json(options)).penalties, options.penalties);
}

TEST(Compare, NamesAndTimesNothingElseWithoutPenalties) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  CompareOptions options = small({"relu"});
  options.search = false;
  options.seeds = 1;
  options.train.l1 = 0.3;
  const report::Comparison all = compare(options, data, folder.path(), threads);
  EXPECT_EQ(all.activations[0].name, "relu");
  EXPECT_TRUE(std::isnan(all.activations[0].answers_of_one));
  EXPECT_FALSE(contains(report::to_json(all), "\"inference\""));
  options.penalties = {0, 0.1};
  EXPECT_PRED2(contains, error_of([&] { check(options); }), "leave --l1 out");
  options.train.l1 = 0;
  options.penalties = {0.1, 0.1};
  EXPECT_PRED2(contains, error_of([&] { check(options); }), "given twice");
  options.penalties = {-1};
  EXPECT_PRED2(contains, error_of([&] { check(options); }), "l1");
}

TEST(Compare, PretrainsWithUnitsThatAreLikeTheActivation) {
  EXPECT_EQ(stack_for("rbm", "relu", {9, 8}), "rbm 9 nrelu | rbm 8 nrelu");
  EXPECT_EQ(stack_for("rbm", "relu_squared", {9}), "rbm 9 nrelu");
  EXPECT_EQ(stack_for("rbm", "relu6", {9}), "rbm 9 capped");
  EXPECT_EQ(stack_for("rbm", "sigmoid", {9}), "rbm 9 binary");
  EXPECT_EQ(stack_for("rbm", "tanh", {9}), "rbm 9 bipolar");
  EXPECT_PRED2(contains, error_of([&] { stack_for("rbm", "elu", {9}); }), "no unit");
  EXPECT_PRED2(contains, error_of([&] { stack_for("rbm", "top_k 3", {9}); }), "no unit");
}

TEST(Compare, FiguresDoNotDependOnTheNumberOfThreads) {
  const data::Dataset data = moons();
  ThreadPool one(1), three(3);
  const TemporaryFolder a, b;
  CompareOptions options = small({"relu"});
  options.search = false;
  report::Comparison first = compare(options, data, a.path(), one);
  report::Comparison second = compare(options, data, b.path(), three);
  first.machine = second.machine = {};
  EXPECT_EQ(figures_of(first), figures_of(second));
}

TEST(Compare, TellsProgressThatGrowsToOne) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  double last = 0;
  int milestones = 0;
  compare(small({"relu", "tanh"}), data, folder.path(), threads, [&](const Progress& p) {
    EXPECT_GE(p.done, 0);
    EXPECT_LE(p.done, 1);
    milestones += p.milestone;
    last = p.done;
  });
  EXPECT_GE(milestones, 2 * (3 + 3));
  EXPECT_NEAR(last, 1, 1e-9);
}

TEST(Compare, ReportsAnActivationThatGoesNonFiniteWithoutFigures) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  CompareOptions options = small({"relu", "tanh"});
  options.search = false;
  options.seeds = 1;
  options.train.lr = 1e30;
  options.train.optimizer = "sgd";
  options.train.weight_decay = 0;
  const report::Comparison c = compare(options, data, folder.path(), threads);
  EXPECT_TRUE(c.activations[0].test_error.values.empty());
  EXPECT_TRUE(std::isnan(c.activations[0].test_error.mean));
  ASSERT_FALSE(c.notes.empty());
  std::string notes;
  for (const std::string& note : c.notes) notes += note + "\n";
  EXPECT_NE(notes.find("relu has no figures"), std::string::npos) << notes;
  EXPECT_NE(report::to_json(c).find("null"), std::string::npos);
  EXPECT_EQ(c.verdict, "");
}

TEST(Compare, TrainsAllOnTheSameDataInTheSameOrderFromTheSameDraws) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  train::Options o;
  o.init = "auto_normal";
  o.epochs = 1;
  const auto trainer_of = [&](const std::string& activation) {
    o.model = concat("2 : dense 16 | ", activation, " | dense 8 | ", activation, " | dense 2");
    return std::make_unique<train::Trainer>(o, data, threads);
  };
  const auto relu = trainer_of("relu"), tanh = trainer_of("tanh");
  EXPECT_EQ(relu->partition().train, tanh->partition().train);
  EXPECT_EQ(relu->partition().validation, tanh->partition().validation);
  EXPECT_EQ(data::epoch_order(relu->partition().train, o.seed, 0),
            data::epoch_order(tanh->partition().train, o.seed, 0));
  EXPECT_EQ(relu->model().normalisation, tanh->model().normalisation);
  for (const run::ParameterSlot& slot : relu->model().layout.slots()) {
    if (slot.shape.rank() < 2) continue;
    const float* a = relu->model().parameters.data() + slot.offset;
    const float* b = tanh->model().parameters.data() + slot.offset;
    const double ratio = static_cast<double>(b[0]) / a[0];
    for (std::size_t i = 0; i < slot.size; ++i)
      ASSERT_NEAR(b[i], ratio * a[i], 1e-6 * std::abs(b[i])) << slot.label;
  }
}

TEST(Compare, PutsActivationsIntoANetworkOfOnesOwn) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  const TemporaryFolder folder;
  CompareOptions o = small({"relu", "prelu"});
  o.model = "2 : dense 12 | layer_norm | relu | residual(dense 12 | relu) | dense 2";
  o.seeds = 1;
  const report::Comparison c = compare(o, data, folder.path(), threads);
  ASSERT_EQ(c.activations.size(), 2u);
  EXPECT_EQ(c.activations[0].model, o.model);
  EXPECT_EQ(c.activations[1].model,
            "2 : dense 12 | layer_norm | prelu | residual(dense 12 | prelu) | dense 2");
  for (const report::Setting& setting : c.config)
    EXPECT_NE(setting.name, "hidden") << "this network has none";
}

TEST(CompareOptions, ReadBackFromJson) {
  CompareOptions o = small();
  o.dropout = 0.25;
  o.model = "2 : dense 3 | relu | dense 2";
  o.search = false;
  o.train.seed = 0xffffffffffffffff;
  const CompareOptions back = compare_options_from_json(to_json(o));
  EXPECT_EQ(back.activations, o.activations);
  EXPECT_EQ(back.model, o.model);
  EXPECT_EQ(back.hidden, o.hidden);
  EXPECT_EQ(back.dropout, o.dropout);
  EXPECT_EQ(back.seeds, o.seeds);
  EXPECT_EQ(back.search, o.search);
  EXPECT_EQ(back.train, o.train);
  EXPECT_EQ(back.command, o.command);
  EXPECT_EQ(to_json(back), to_json(o));
  for (const char* wrong : {"", "{}", "[]", "\xff", "{\"activations\":1}"})
    EXPECT_THROW(compare_options_from_json(wrong), Error) << wrong;
}

TEST(CompareOptions, CheckNamesWhatMakesNoSense) {
  const auto says = [](const std::function<void(CompareOptions&)>& change) -> std::string {
    CompareOptions o = small();
    change(o);
    try {
      check(o);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  const auto with = [&](std::vector<std::string> activations) {
    return says([&](CompareOptions& o) { o.activations = activations; });
  };
  const auto has = [](const std::string& what, const std::string& part) {
    EXPECT_NE(what.find(part), std::string::npos) << "'" << what << "' lacks '" << part << "'";
  };
  EXPECT_EQ(says([](CompareOptions&) {}), "");
  has(with({}), "one activation at least");
  has(with({"relu", "rellu"}), "did you mean 'relu'");
  has(with({"relu", "relu"}), "twice");
  has(with({"silu", "swish"}), "twice");
  has(with({"leaky_relu 0.1", "leaky_relu a=0.1"}), "twice");
  EXPECT_EQ(with({"leaky_relu a=0.1", "leaky_relu a=0.2"}), "");
  has(with({"dense 3"}), "not one activation");
  has(with({"relu | relu"}), "not one activation");
  has(with({""}), "activation");
  has(says([](CompareOptions& o) { o.hidden.clear(); }), "hidden");
  has(says([](CompareOptions& o) { o.seeds = 0; }), "seeds");
  has(says([](CompareOptions& o) { o.train.epochs = 0; }), "epochs");
}

TEST(RunResult, ReadsBackFromItsFile) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  train::Options o;
  o.model = "2 : dense 8 | relu | dense 2";
  o.epochs = 2;
  const RunResult result = run_to_the_end(o, data, threads, {}, {});
  const RunResult back = run_result_from_json(to_json(result));
  EXPECT_EQ(to_json(back), to_json(result));
  EXPECT_EQ(back.test_error, result.test_error);
  EXPECT_EQ(back.confusion, result.confusion);
  ASSERT_EQ(back.layers.size(), 1u);
  EXPECT_EQ(back.layers[0].label, "relu1");
  EXPECT_EQ(back.layers[0].units, 8);
  for (const char* wrong : {"", "{}", "[]", "{\"finite\":1}"})
    EXPECT_THROW(run_result_from_json(wrong), Error) << wrong;
}

TEST(RunResult, IsBestNotLast) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  train::Options o;
  o.model = "2 : dense 8 | relu | dense 2";
  o.epochs = 6;
  o.lr = 0.5;
  const RunResult result = run_to_the_end(o, data, threads, {}, {});
  train::Trainer trainer(o, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  EXPECT_EQ(result.best_epoch, trainer.best_epoch());
  EXPECT_EQ(result.test_error, trainer.evaluate_test(true).error);
}

}  // namespace
}  // namespace rectify::lab
