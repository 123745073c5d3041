// Faults that are planted into trainings: each must be the first finding; and trainings without a
// fault, which must raise no alarm.

#include <gtest/gtest.h>

#include <functional>

#include "rectify/diagnose/apply.h"
#include "tests/diagnose/toy.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::diagnose {
namespace {

const std::string dense = "784 : dense 48 | relu | dense 48 | relu | dense 10";

std::string deep(int layers, const std::string& item, const std::string& more = {}) {
  std::string model = "784 :";
  for (int i = 0; i < layers; ++i) model += " dense 32" + more + " | " + item + " |";
  return model + " dense 10";
}

struct Planted {
  std::string cause;
  std::string model;
  std::function<void(train::Options&)> plant = [](train::Options&) {};
};

const std::vector<Planted>& planted() {
  static const std::vector<Planted> all = {
      {"rate_too_high", dense, [](auto& o) { o.lr = 0.1; }},
      {"rate_too_low", dense, [](auto& o) { o.lr = 1e-7; }},
      {"inputs_not_scaled", dense, [](auto& o) { o.normalise = data::Normaliser::none; }},
      {"weights_too_large", deep(10, "relu", " gain=8")},
      {"weights_too_small", deep(8, "relu"), [](auto& o) { o.init = "small_uniform"; }},
      {"saturating_depth", deep(14, "sigmoid")},
      {"no_nonlinearity", "784 : dense 48 | dense 48 | dense 10"},
      {"output_activation", "784 : dense 48 | relu | dense 10 | relu"},
      {"residual_growth",
       "784 : dense 32 | repeat 12 (residual(relu | dense 32 | relu | dense 32 gain=4)) | relu | "
       "dense 10"},
      {"clip_too_low", dense, [](auto& o) { o.clip_norm = 1e-5, o.optimizer = "sgd"; }},
      {"dropout_too_high", "784 : dense 48 | relu | dropout 0.97 | dense 10"},
  };
  return all;
}

class Faults : public testing::TestWithParam<std::size_t> {};

TEST_P(Faults, AreTheFirstFinding) {
  const Planted& fault = planted()[GetParam()];
  train::Options options = usual_options(fault.model);
  fault.plant(options);
  const auto findings = findings_after(options, digits());
  EXPECT_EQ(first_cause(findings), fault.cause) << alarms(findings);
  if (!findings.empty()) {
    EXPECT_GE(findings[0].severity, Severity::warning);
    EXPECT_FALSE(findings[0].evidence.empty());
    EXPECT_FALSE(findings[0].advice.empty());
  }
}

INSTANTIATE_TEST_SUITE_P(Planted, Faults, testing::Range(std::size_t{0}, planted().size()),
                         [](const auto& info) { return planted()[info.param].cause; });

TEST(Healthy, TrainingsRaiseNoAlarm) {
  const data::Dataset dataset = digits();
  for (const std::string activation : {"relu", "tanh", "gelu", "elu", "sigmoid", "leaky_relu"}) {
    train::Options options = usual_options("784 : dense 48 | " + activation + " | dense 48 | " +
                                           activation + " | dense 10");
    options.epochs = 6;
    EXPECT_EQ(alarms(findings_after(options, dataset)), "") << activation;
  }
}

TEST(Healthy, TrainingsRaiseNoAlarmBeforeTheyBegin) {
  const data::Dataset dataset = digits();
  for (const std::string& model : {dense, std::string("28x28x1 : conv 8 3x3 | batch_norm | relu | "
                                                      "max_pool 4 | flatten | dense 10")})
    EXPECT_EQ(alarms(findings_before(usual_options(model), dataset)), "") << model;
}

TEST(Preflight, FindsLabelsOfOneClass) {
  data::Dataset dataset = digits(200);
  std::ranges::fill(dataset.train.labels, 0);
  EXPECT_EQ(first_cause(findings_before(usual_options(dense), dataset)), "one_class_labels");
}

TEST(Preflight, FindsShuffledLabels) {
  data::Dataset dataset = digits();
  const Random random(5);
  for (std::size_t i = dataset.train.count - 1; i > 0; --i)
    std::swap(dataset.train.labels[i],
              dataset.train.labels[random.below(i, static_cast<std::uint32_t>(i + 1))]);
  EXPECT_EQ(first_cause(findings_before(usual_options(dense), dataset)), "labels_unrelated");
  const auto after = findings_after(usual_options(dense), dataset);
  EXPECT_EQ(first_cause(after), "labels_unrelated") << alarms(after);
}

TEST(Preflight, FindsAnOutputThatCannotGiveTheTargets) {
  ThreadPool threads(1);
  data::Dataset line{.spec = "line", .sample_shape = Shape{1}, .target_width = 1};
  for (data::Split* split : {&line.train, &line.test}) {
    split->count = 200;
    for (int i = 0; i < 200; ++i) {
      split->values.push_back(static_cast<float>(i) / 100 - 1);
      split->targets.push_back(static_cast<float>(i));
    }
  }
  const auto findings =
      findings_before(usual_options("1 : dense 8 | relu | dense 1 | sigmoid"), line);
  EXPECT_EQ(first_cause(findings), "output_range");
  EXPECT_EQ(findings[0].changes,
            (std::vector<Change>{{"--model", "1 : dense 8 | relu | dense 1"}}));
  EXPECT_EQ(alarms(findings_before(usual_options("1 : dense 8 | relu | dense 1"), line)), "");
}

TEST(Preflight, FindsBatchNormOverSingleSamples) {
  train::Options options =
      usual_options("28x28x1 : conv 8 3x3 | batch_norm | relu | flatten | dense 10");
  options.batch = 1;
  EXPECT_EQ(first_cause(findings_before(options, digits(300))), "small_batch_norm");
}

/// Moons, and a number beside them that is always 500.
data::Dataset moons_beside_a_constant() {
  data::Dataset d = moons(400, 200);
  d.sample_shape = Shape{3};
  for (data::Split* split : {&d.train, &d.test}) {
    std::vector<float> values;
    for (std::size_t i = 0; i < split->values.size(); i += 2)
      values.insert(values.end(), {split->values[i], split->values[i + 1], 500});
    split->values = std::move(values);
  }
  return d;
}

TEST(Diagnosis, ScalesAConstantFeatureAway) {
  ThreadPool threads(1);
  const data::Dataset dataset = moons_beside_a_constant();
  train::Options options = usual_options("3 : dense 16 | relu | dense 2");
  options.epochs = 10;
  const auto findings = findings_after(options, dataset);
  ASSERT_EQ(first_cause(findings), "constant_feature") << alarms(findings);
  EXPECT_EQ(findings[0].changes, (std::vector<Change>{{"--normalise", "features"}}));
  const Advised advised = follow_advice(options, findings, dataset, threads);
  EXPECT_EQ(advised.options.normalise, data::Normaliser::features);
  const auto left = findings_after(advised.options, dataset);
  const Finding* still = find_cause(left, "constant_feature");
  ASSERT_NE(still, nullptr) << "it stays worth knowing";
  EXPECT_TRUE(still->changes.empty());
  EXPECT_LT(still->severity, Severity::fault);
}

TEST(Preflight, GivesUnlikeFeaturesTheirOwnScales) {
  data::Dataset dataset = moons(400, 200);
  for (std::size_t i = 0; i < dataset.train.values.size(); i += 2) dataset.train.values[i] *= 1e4f;
  train::Options options = usual_options("2 : dense 16 | relu | dense 2");
  for (const auto normaliser : {data::Normaliser::standard, data::Normaliser::none}) {
    options.normalise = normaliser;
    const auto findings = findings_before(options, dataset);
    ASSERT_EQ(first_cause(findings), "inputs_not_scaled") << alarms(findings);
    EXPECT_EQ(findings[0].changes, (std::vector<Change>{{"--normalise", "features"}}));
  }
  options.normalise = data::Normaliser::features;
  EXPECT_EQ(find_cause(findings_before(options, dataset), "inputs_not_scaled"), nullptr);
}

TEST(Preflight, LooksAtBatchNormThatNoSingleSampleCanTrain) {
  train::Options options = usual_options("784 : dense 32 | batch_norm | relu | dense 10");
  options.batch = 1;
  const auto findings = findings_before(options, digits(300));
  ASSERT_EQ(first_cause(findings), "small_batch_norm") << alarms(findings);
  EXPECT_EQ(findings[0].changes, (std::vector<Change>{{"--batch", "32"}}));
}

TEST(Diagnosis, FindsUnitsThatWereKilledInAModel) {
  ThreadPool threads(1);
  const data::Dataset dataset = digits();
  train::Trainer trainer(usual_options(dense), dataset, threads);
  while (!trainer.finished()) trainer.train_epoch();
  model::Model model = trainer.last_model();
  const auto findings_of = [&](const model::Model& m) {
    return diagnose(
        facts_of_model(m, dataset, dataset.test, model::all_samples(dataset.test.count), threads));
  };
  EXPECT_EQ(alarms(findings_of(model)), "");
  const run::ParameterSlot& bias = model.layout.slot_of(model.graph.find("dense1.bias"));
  for (std::size_t u = 0; u < 19; ++u) model.parameters.data()[bias.offset + u] = -1000;
  const auto findings = findings_of(model);
  EXPECT_EQ(first_cause(findings), "dead_units");
  EXPECT_EQ(findings[0].where, "relu1");
}

TEST(Diagnosis, FindsUnitsThatAreCopies) {
  ThreadPool threads(1);
  const data::Dataset dataset = digits(500);
  train::Trainer trainer(usual_options(dense), dataset, threads);
  model::Model model = trainer.last_model();
  const run::ParameterSlot& weight = model.layout.slot_of(model.graph.find("dense1.weight"));
  float* w = model.parameters.data() + weight.offset;
  for (std::size_t row = 0; row < 784; ++row)
    for (std::size_t u = 0; u < 12; ++u) w[row * 48 + u] = w[row * 48 + 12 + u];
  const auto findings = diagnose(facts_of_model(model, dataset, dataset.test,
                                                model::all_samples(dataset.test.count), threads));
  ASSERT_NE(find_cause(findings, "duplicate_units"), nullptr);
  EXPECT_EQ(find_cause(findings, "duplicate_units")->where, "relu1");
}

TEST(Diagnosis, RefusesDataThatContradictThemselves) {
  ThreadPool threads(1);
  data::Dataset dataset = digits(300);
  train::Trainer trainer(usual_options(dense), dataset, threads);
  const model::Model last = trainer.last_model();
  dataset.train.count = 400;
  const PastRun run{.options = usual_options(dense), .last = last, .history = {}, .trouble = {}};
  EXPECT_TRUE(contains(error_of([&] { facts_before(usual_options(dense), dataset, threads); }),
                       "sample 300 is the first"));
  EXPECT_TRUE(
      contains(error_of([&] { facts_of_run(run, dataset, threads); }), "sample 300 is the first"));
}

}  // namespace
}  // namespace rectify::diagnose
