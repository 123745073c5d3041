// What facts are made of: signals, data, rates, changes.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/diagnose/apply.h"
#include "rectify/diagnose/live.h"
#include "rectify/train/initial_model.h"
#include "tests/diagnose/toy.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::diagnose {
namespace {

/// Two samples (1, 2) and (3, 4) with the targets 1 and 0, nothing normalised.
data::Dataset two_rows() {
  data::Dataset d{.spec = "two", .sample_shape = Shape{2}, .target_width = 1};
  d.train = {.count = 2, .values = {1, 2, 3, 4}, .targets = {1, 0}};
  d.test = d.train;
  return d;
}

TEST(Signal, IsWhatOneWorksOutByHand) {
  // z = x W + b with W = [[1, -1], [0, 1]], b = (0, -1): (1, 0) and (3, 0). relu: the same.
  // y = h V with V = (2, 5): 2 and 6. Loss: mean of ((2 - 1)^2, (6 - 0)^2) = 18.5.
  model::Model model("2 : dense 2 | relu | dense 1");
  model.loss = "mean_squared_error";
  const std::vector<std::pair<const char*, std::vector<float>>> numbers = {
      {"dense1.weight", {1, -1, 0, 1}}, {"dense1.bias", {0, -1}}, {"dense2.weight", {2, 5}}};
  for (const auto& [label, values] : numbers)
    std::ranges::copy(
        values, model.parameters.data() + model.layout.slot_of(model.graph.find(label)).offset);
  ThreadPool threads(1);
  train::Options options;
  options.loss = "mean_squared_error";
  const std::vector<std::uint32_t> rows = {0, 1};
  const Signal signal = measure_signal(model, options, two_rows(), rows, threads);
  ASSERT_EQ(signal.layers.size(), 2u);
  EXPECT_FLOAT_EQ(static_cast<float>(signal.loss), 18.5f);
  EXPECT_DOUBLE_EQ(signal.input_rms, std::sqrt(30 / 4.0));
  const LayerSignal& first = signal.layers[0];
  EXPECT_EQ(first.activation, "relu1");
  EXPECT_DOUBLE_EQ(first.weight_rms, std::sqrt(3 / 4.0));
  EXPECT_DOUBLE_EQ(first.output_rms, std::sqrt(10 / 4.0));
  EXPECT_DOUBLE_EQ(first.output_spread, std::sqrt(2 / 4.0));  // 1 and 3 about 2; 0 and 0
  EXPECT_DOUBLE_EQ(first.bias_mean, -0.5);
  // d loss / d y = (y - t) = 1 and 6 for each sample of a mean over two: 2 (y - t) / 2. Through V
  // and the mask (1, 0): dz = (2, 0) and (12, 0), each times 2 samples in gradient_rms.
  EXPECT_FLOAT_EQ(static_cast<float>(first.gradient_rms),
                  static_cast<float>(2 * std::sqrt((4 + 144) / 4.0)));
  // dW = x^T dz: column 0 is (1 * 2 + 3 * 12, 2 * 2 + 4 * 12) = (38, 52).
  EXPECT_FLOAT_EQ(static_cast<float>(first.weight_gradient_norm), std::hypot(38.0f, 52.0f));
  EXPECT_DOUBLE_EQ(signal.result_rms, std::sqrt((4 + 36) / 2.0));
}

TEST(DataFigures, SeeWhatTheNetworkSees) {
  data::Dataset d{.spec = "table", .sample_shape = Shape{3}, .class_names = {"a", "b"}};
  d.columns = {"small", "same", "large"};
  d.train.count = 4;
  for (int i = 0; i < 4; ++i) {
    d.train.values.insert(d.train.values.end(), {i % 2 ? 1.0f : -1.0f, 7, 1000.0f * i});
    d.train.labels.push_back(i == 3);
  }
  const std::vector<std::uint32_t> rows = {0, 1, 2, 3};
  const DataFigures figures = measure_data(d, rows, {});
  ASSERT_EQ(figures.constant.size(), 1u);
  EXPECT_EQ(figures.constant[0].name, "same");
  EXPECT_EQ(figures.constant[0].value, 7);
  EXPECT_EQ(figures.loudest_constant, 7);
  ASSERT_EQ(figures.large.size(), 1u);
  EXPECT_EQ(figures.large[0].name, "large");
  EXPECT_DOUBLE_EQ(figures.input_rms, std::sqrt((4 + 4 * 49 + 14e6) / 12));
  EXPECT_DOUBLE_EQ(figures.unevenness, std::sqrt(1.25e6));  // over a deviation of 1
  EXPECT_DOUBLE_EQ(figures.label_entropy, -(0.75 * std::log(0.75) + 0.25 * std::log(0.25)));
  EXPECT_EQ(figures.classes_present(), 2u);
}

TEST(Relation, IsFoundWhereThereIsOneAndNotWhereThereIsNone) {
  ThreadPool threads(1);
  data::Dataset related = moons(600);
  const auto rows = model::all_samples(600);
  const auto normalisation = data::normalisation_of(related, rows, threads);
  EXPECT_FALSE(measure_relation(related, rows, normalisation).unrelated());
  EXPECT_GT(measure_relation(related, rows, normalisation).agreement, 0.9);
  int unrelated = 0;
  for (int seed = 0; seed < 20; ++seed) {
    const Random random(static_cast<std::uint64_t>(seed), 77);
    for (std::size_t i = 0; i < 600; ++i)
      related.train.labels[i] = static_cast<std::int32_t>(random.below(i, 2));
    unrelated += measure_relation(related, rows, normalisation).unrelated();
  }
  EXPECT_GE(unrelated, 18) << "of 20 draws of labels";
}

TEST(Relation, OfNumbersIsFoundToo) {
  ThreadPool threads(1);
  data::Dataset d = sums(400);
  const auto rows = model::all_samples(400);
  const auto normalisation = data::normalisation_of(d, rows, threads);
  EXPECT_FALSE(measure_relation(d, rows, normalisation).unrelated());
  const Random random(9);
  for (std::size_t i = 0; i < d.train.targets.size(); ++i)
    d.train.targets[i] = static_cast<float>(random.normal(i));
  EXPECT_TRUE(measure_relation(d, rows, normalisation).unrelated());
}

TEST(RateTest, KnowsRatesThatAreFarOff) {
  ThreadPool threads(1);
  const data::Dataset dataset = digits(600);
  train::Options options = usual_options("784 : dense 32 | relu | dense 10");
  const auto rows = model::all_samples(600);
  const model::Model model = train::initial_model(options, dataset, rows, threads);
  options.lr = 3;
  const RateTest high = test_rates(model, options, dataset, rows, threads);
  ASSERT_TRUE(high.made());
  EXPECT_LT(high.best().rate, 0.3);
  EXPECT_FALSE(high.at_asked().loss < high.loss_before);
  EXPECT_LE(high.limit(), 3);
  options.lr = 1e-6;
  const RateTest low = test_rates(model, options, dataset, rows, threads);
  EXPECT_GT(low.best().rate, 3e-6);
  EXPECT_NEAR(low.at_asked().loss, low.loss_before, 0.05);
}

TEST(RateTest, GivesTheSameBitsForAnyNumberOfThreads) {
  const data::Dataset dataset = digits(300);
  const train::Options options = usual_options("784 : dense 32 | relu | dense 10");
  const auto rows = model::all_samples(300);
  const auto losses = [&](int count) {
    ThreadPool threads(count);
    const model::Model model = train::initial_model(options, dataset, rows, threads);
    std::vector<double> all;
    for (const RateTrial& trial : test_rates(model, options, dataset, rows, threads).trials)
      all.push_back(trial.loss);
    return all;
  };
  EXPECT_EQ(losses(1), losses(3));
}

TEST(SmallFit, LearnsSixteenSamples) {
  ThreadPool threads(1);
  const data::Dataset dataset = digits(300);
  const train::Options options = usual_options("784 : dense 32 | relu | dense 10");
  const auto rows = model::all_samples(300);
  const model::Model model = train::initial_model(options, dataset, rows, threads);
  const SmallFit fit = fit_few(model, options, dataset, rows, threads);
  EXPECT_EQ(fit.samples, 16u);
  EXPECT_LT(fit.loss_after, 0.1 * fit.loss_before);
}

TEST(Changes, BecomeOptions) {
  train::Options options = usual_options("2 : dense 2");
  options.weights = "start.npz";
  const std::vector<Change> changes = {{"--lr", "0.5"},
                                       {"--epochs", "7"},
                                       {"--normalise", "none"},
                                       {"--weights", ""},
                                       {"--model", "2 : dense 3 | relu | dense 2"}};
  const train::Options changed = with_changes(options, changes);
  EXPECT_EQ(changed.lr, 0.5);
  EXPECT_EQ(changed.epochs, 7);
  EXPECT_EQ(changed.normalise, data::Normaliser::none);
  EXPECT_EQ(changed.weights, "");
  EXPECT_EQ(changed.model, "2 : dense 3 | relu | dense 2");
  EXPECT_EQ(changed.batch, options.batch);
  const std::string config = config_text(changed);
  EXPECT_TRUE(contains(config, "lr = 0.5\n")) << config;
  EXPECT_TRUE(contains(config, "model = '2 : dense 3 | relu | dense 2'\n")) << config;
}

TEST(Changes, ThatAreNoneAreErrors) {
  const train::Options options = usual_options("2 : dense 2");
  const auto error = [&](const Change& change) {
    return error_of([&] { with_changes(options, std::vector{change}); });
  };
  EXPECT_TRUE(contains(error({"--rate", "1"}), "there is no option --rate"))
      << error({"--rate", "1"});
  EXPECT_TRUE(contains(error({"--lr", "fast"}), "wants a number, not 'fast'"));
  EXPECT_FALSE(error({"--lr", "-1"}).empty());
}

TEST(LiveWatch, WarnsOnceOfEachCause) {
  ThreadPool threads(1);
  const data::Dataset dataset = digits(600);
  train::Options options = usual_options("784 : dense 32 | relu | dense 32 | relu | dense 10");
  options.lr = 1;
  options.epochs = 6;
  options.schedule = train::Schedule::constant;
  train::Trainer trainer(options, dataset, threads);
  LiveWatch watch(trainer);
  std::vector<std::string> causes;
  while (!trainer.finished()) {
    trainer.train_epoch();
    for (const Finding& finding : watch.look()) causes.push_back(finding.cause);
  }
  EXPECT_EQ(std::ranges::count(causes, "dead_units"), 1);
  EXPECT_EQ(std::ranges::count(causes, "not_learning"), 1);
}

TEST(LiveWatch, IsSilentWhereNothingIsWrong) {
  ThreadPool threads(1);
  const data::Dataset dataset = digits(600);
  train::Options options = usual_options("784 : dense 32 | relu | dense 32 | relu | dense 10");
  options.epochs = 6;
  train::Trainer trainer(options, dataset, threads);
  LiveWatch watch(trainer);
  while (!trainer.finished()) {
    trainer.train_epoch();
    EXPECT_EQ(alarms(watch.look()), "");
  }
}

/// Numbers in two heaps that overlap, one with 24 times as many as the other.
data::Dataset rare() {
  data::Dataset d{.spec = "rare", .sample_shape = Shape{1}, .class_names = {"usual", "rare"}};
  std::uint32_t stream = 0;
  for (data::Split* split : {&d.train, &d.test}) {
    const Random random(7, ++stream);
    split->count = 2000;
    for (std::size_t i = 0; i < split->count; ++i) {
      const bool is_rare = i % 25 == 0;
      split->labels.push_back(is_rare);
      split->values.push_back(static_cast<float>(random.normal(i)) + (is_rare ? 1.5f : 0));
    }
  }
  return d;
}

TEST(ClassWeights, AreWhatLearningIsJudgedBy) {
  ThreadPool threads(1);
  const data::Dataset dataset = rare();
  train::Options options = usual_options("1 : dense 8 | tanh | dense 2");
  options.class_weights = "balanced";
  options.epochs = 8;
  options.validation = 0.3;
  train::Trainer trainer(options, dataset, threads);
  LiveWatch watch(trainer);
  while (!trainer.finished()) {
    trainer.train_epoch();
    EXPECT_EQ(alarms(watch.look()), "");
  }
  EXPECT_GT(trainer.history().back().validation_error, 0.04) << "else this tests nothing";
  const model::Model last = trainer.last_model();
  const Facts facts =
      facts_of_run({.options = options, .last = last, .history = trainer.history(), .trouble = {}},
                   dataset, threads);
  ASSERT_TRUE(facts.outcome->weighed);
  EXPECT_NEAR(facts.outcome->weighed->error, *trainer.history().back().weighted_error, 1e-12);
  EXPECT_NEAR(facts.outcome->weighed->baseline_error, 0.5, 1e-6);
  EXPECT_NEAR(facts.outcome->baseline_loss, std::log(2.0), 1e-6);
  EXPECT_EQ(find_cause(diagnose(facts), "not_learning"), nullptr);
}

/// Whether a watch warns of the rate after epochs of these losses.
bool warns_of_rate(const std::string& loss, const std::vector<double>& losses) {
  ThreadPool threads(1);
  const data::Dataset dataset = sums();
  train::Options options = usual_options("2 : dense 4 | relu | dense 2");
  options.loss = loss;
  options.epochs = 10;
  train::Trainer trainer(options, dataset, threads);
  std::vector<train::EpochRecord> history;
  for (const double of : losses)
    history.push_back({.epoch = static_cast<int>(history.size()) + 1,
                       .lr = options.lr,
                       .train_loss = of,
                       .validation_loss = of,
                       .validation_error = 0.01});
  model::TensorFile state = trainer.state();
  for (const char* key : {"epoch", "best_epoch", "history_length"})
    state.metadata[key] = std::to_string(history.size());
  trainer.restore(state, history);
  return find_cause(LiveWatch(trainer).look(), "rate_too_high") != nullptr;
}

TEST(LiveWatch, TakesNoRiseOfNextToNothingForARateTooHigh) {
  for (const char* loss : {"huber", "mean_absolute_error", "mean_squared_error"}) {
    EXPECT_FALSE(warns_of_rate(loss, {0.2, 0.0006, 0.001})) << loss;
    EXPECT_TRUE(warns_of_rate(loss, {0.2, 0.1, 5})) << loss;
  }
}

}  // namespace
}  // namespace rectify::diagnose
