// Label smoothing, mixup, the moving average of the weights, batches that add up to a step.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/model/evaluate.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/train/feed/mixup.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

void train_to_the_end(Trainer& trainer) {
  while (!trainer.finished()) trainer.train_epoch();
}

double largest_difference(const model::Model& a, const model::Model& b) {
  double largest = 0;
  for (std::size_t i = 0; i < a.parameters.size(); ++i)
    largest = std::max(
        largest, std::abs(static_cast<double>(a.parameters.span()[i]) - b.parameters.span()[i]));
  return largest;
}

TEST(Accumulate, IsABatchOfAllSamplesUpToRounding) {
  const data::Dataset data = moons(333);  // 300 to train on: the last step and batch are short
  ThreadPool threads(2);
  for (const char* optimizer : {"sgd", "nesterov", "muon"}) {
    Options o = toy_options();
    o.optimizer = optimizer;
    o.epochs = 2;
    o.l1 = 1e-2;
    o.clip_norm = 0.5;
    o.mixup = 1;
    o.batch = 64;
    Trainer large(o, data, threads);
    o.batch = 16;
    o.accumulate = 4;
    Trainer parts(o, data, threads);
    const model::Model before = parts.last_model();
    train_to_the_end(large);
    train_to_the_end(parts);
    EXPECT_GT(largest_difference(parts.model(), before), 0.01) << optimizer;
    EXPECT_LT(largest_difference(parts.model(), large.model()), 1e-5) << optimizer;
    EXPECT_NEAR(parts.history()[1].train_loss, large.history()[1].train_loss, 1e-5);
    EXPECT_EQ(parts.history()[1].train_error, large.history()[1].train_error);
    EXPECT_EQ(parts.state().metadata.at("optimizer_steps"), "10");
    EXPECT_EQ(parts.state().metadata.at("step"), "38");
  }
}

TEST(Accumulate, TakesNoStepWhoseLastBatchIsNotFinite) {
  data::Dataset data = sums();
  ThreadPool threads(1);
  Options o = toy_options();
  o.model = "2 : dense 4 | relu | dense 2";
  o.validation = 0;
  o.batch = 100;
  o.accumulate = 3;
  Trainer trainer(o, data, threads);
  data.train.values[17] = std::nanf("");
  const std::string before = model::encode(trainer.state());
  EXPECT_THROW(trainer.train_epoch(), NonFinite);
  EXPECT_TRUE(model::encode(trainer.state()) == before);
}

TEST(Ema, IsTheAverageOfTheWeightsAfterEachStep) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Options o = toy_options();
  o.ema = 0.9;
  o.epochs = 2;
  Trainer trainer(o, data, threads);
  std::vector<double> want(trainer.model().parameters.span().begin(),
                           trainer.model().parameters.span().end());
  double t = 0;
  const ProgressCallback follow = [&](const Progress&) {
    ++t;
    const double d = std::min(0.9, (1 + t) / (10 + t));
    for (std::size_t i = 0; i < want.size(); ++i)
      want[i] = d * want[i] + (1 - d) * trainer.model().parameters.span()[i];
  };
  while (!trainer.finished()) trainer.train_epoch(follow);
  const model::Model last = trainer.last_model();
  for (std::size_t i = 0; i < want.size(); ++i)
    ASSERT_NEAR(last.parameters.span()[i], want[i], 1e-5);
  EXPECT_GT(largest_difference(last, trainer.model()), 1e-3);
}

TEST(Ema, IsWhatIsEvaluatedAndKept) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Options o = toy_options();
  o.ema = 0.99;
  o.epochs = 3;
  o.lr = 0.1;
  Trainer averaged(o, data, threads);
  o.ema = 0;
  Trainer plain(o, data, threads);
  train_to_the_end(averaged);
  train_to_the_end(plain);
  EXPECT_TRUE(same_bits(averaged.model().parameters.span(), plain.model().parameters.span()))
      << "training must not notice";
  EXPECT_NE(averaged.history()[2].validation_loss, plain.history()[2].validation_loss);
  model::Model last = averaged.last_model();
  model::Evaluator evaluator(last.graph, last.layout, last.parameters.data(), last.loss, data,
                             threads);
  EXPECT_EQ(
      evaluator.evaluate(data.test, model::all_samples(data.test.count), last.normalisation, false)
          .loss,
      averaged.evaluate_test(false).loss);
  EXPECT_EQ(averaged.best_epoch(), 3) << "choose other data";
  EXPECT_TRUE(same_bits(averaged.best_model().parameters.span(), last.parameters.span()));
}

TEST(Mixup, DrawsSharesFromTheBetaDistribution) {
  constexpr std::uint32_t samples = 20000;
  data::Dataset data = moons(samples, 10);
  ThreadPool threads(1);
  const std::vector<std::uint32_t> rows = model::all_samples(samples);
  for (const double alpha : {0.1, 0.5, 1.0, 4.0, 100.0}) {
    Mixup mixup(alpha, 1, data, rows, threads);
    mixup.begin_epoch(3);
    double mean = 0, product = 0;
    for (const std::uint32_t row : rows) {
      const double share = mixup.share(row);
      ASSERT_TRUE(share >= 0.5 && share <= 1) << share;
      mean += share / samples;
      product += share * (1 - share) / samples;
    }
    // The mean of x (1 - x) under Beta(a, a), with its deviation below 1/8.
    EXPECT_NEAR(product, alpha / (2 * (2 * alpha + 1)), 3.0 / 8 / std::sqrt(samples)) << alpha;
    if (alpha != 1) continue;
    EXPECT_NEAR(mean, 0.75, 0.005);
  }
}

TEST(Mixup, PairsEachSampleOnceAnEpochTheSameForAnyBatch) {
  const data::Dataset data = moons(50, 10);
  ThreadPool threads(1);
  const std::vector<std::uint32_t> rows = {3, 5, 8, 13, 21, 34};
  Mixup mixup(0.5, 7, data, rows, threads), other(0.5, 8, data, rows, threads);
  const auto pairs = [&](Mixup& m, std::uint32_t epoch) {
    m.begin_epoch(epoch);
    std::vector<std::uint32_t> partners;
    for (const std::uint32_t row : rows) partners.push_back(m.partner(row));
    return partners;
  };
  const std::vector<std::uint32_t> first = pairs(mixup, 0);
  const double share = mixup.share(8);
  EXPECT_TRUE(std::ranges::is_permutation(first, rows));
  EXPECT_NE(pairs(mixup, 1), first);
  EXPECT_NE(mixup.share(8), share);
  EXPECT_NE(pairs(other, 0), first);
  EXPECT_EQ(pairs(mixup, 0), first);
  EXPECT_EQ(mixup.share(8), share);
}

TEST(Mixup, MixesSamplesAndTargets) {
  const data::Dataset data = moons(50, 10);
  ThreadPool threads(2);
  const std::vector<std::uint32_t> rows = model::all_samples(50);
  for (const int outputs : {1, 2}) {
    model::Model model(concat("2 : dense ", outputs));
    model::add_loss(model.graph, outputs == 1 ? "sigmoid_cross_entropy" : "softmax_cross_entropy",
                    false);
    run::PlanOptions options{.batch = 50};
    for (graph::NodeId id = 0; id < model.graph.size(); ++id) options.keep.insert(id);
    run::Plan plan(model.graph, model.layout, model.parameters.data(), threads, options);
    Mixup mixup(1, 1, data, rows, threads);
    mixup.begin_epoch(0);
    mixup.fill(plan, model.graph, rows, {}, nullptr);
    const float* x = plan.input(model.graph.find("input"));
    const float* y = plan.input(model.graph.find("target"));
    for (const std::uint32_t row : rows) {
      const std::uint32_t partner = mixup.partner(row);
      const double share = mixup.share(row);
      for (std::size_t j = 0; j < 2; ++j)
        EXPECT_NEAR(x[2 * row + j],
                    share * data.train.values[2 * row + j] +
                        (1 - share) * data.train.values[2 * partner + j],
                    1e-6);
      const double second =
          share * data.train.labels[row] + (1 - share) * data.train.labels[partner];
      EXPECT_NEAR(y[outputs * row + outputs - 1], second, 1e-6);
      EXPECT_NEAR(y[outputs * row], outputs == 2 ? 1 - second : second, 1e-6);
    }
  }
}

TEST(Techniques, LearnTogether) {
  ThreadPool threads(2);
  const data::Dataset data =
      data::open("glyphs:classes=digits,train=1500,test=300,difficulty=0", threads);
  Options o;
  o.model = "784 : dense 64 | relu | dense 10";
  o.optimizer = "muon";
  o.lr = 5e-3;
  o.schedule = Schedule::one_cycle;
  o.epochs = 5;
  o.batch = 10;
  o.accumulate = 2;
  o.ema = 0.98;
  o.mixup = 0.2;
  o.label_smoothing = 0.1;
  Trainer trainer(o, data, threads);
  train_to_the_end(trainer);
  EXPECT_LT(trainer.evaluate_test(false).error, 0.1);
  EXPECT_GT(trainer.history().back().train_loss, 0.5) << "the entropy of smoothed, mixed targets";
  EXPECT_LT(trainer.history().back().validation_loss, 0.5);
}

TEST(Techniques, AreRefusedWhereTheyDoNotGo) {
  const data::Dataset numbers = sums(), classes = moons();
  ThreadPool threads(1);
  const auto refusal = [&](const data::Dataset& data, const auto& change) {
    Options o = toy_options();
    change(o);
    return error_of([&] { Trainer(o, data, threads); });
  };
  EXPECT_TRUE(contains(refusal(numbers, [](Options& o) { o.mixup = 1; }), "--mixup"));
  EXPECT_TRUE(contains(refusal(numbers, [](Options& o) { o.label_smoothing = 0.1; }),
                       "mean_squared_error"));
  EXPECT_TRUE(contains(refusal(classes,
                               [](Options& o) {
                                 o.loss = "hinge";
                                 o.mixup = 1;
                               }),
                       "hinge"));
  EXPECT_TRUE(contains(refusal(classes, [](Options& o) { o.decay_of = "dense4=0"; }), "'dense4'"));
}

}  // namespace
}  // namespace rectify::train
