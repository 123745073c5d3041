#include "rectify/train/class_weights.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <memory>
#include <utility>

#include "rectify/model/evaluate.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// Ten points in the plane: six of class a, three of b, one of c.
data::Dataset uneven() {
  data::Dataset d;
  d.spec = "uneven";
  d.sample_shape = Shape{2};
  d.class_names = {"a", "b", "c"};
  const std::vector<std::int32_t> labels = {0, 0, 0, 0, 0, 0, 1, 1, 1, 2};
  for (data::Split* split : {&d.train, &d.test}) {
    split->count = labels.size();
    split->labels = labels;
    for (std::size_t i = 0; i < labels.size(); ++i) {
      split->values.push_back(std::sin(1.7f * static_cast<float>(i)));
      split->values.push_back(std::cos(2.3f * static_cast<float>(i)));
    }
  }
  return d;
}

TEST(ClassWeights, AreScikitLearnsWhenBalanced) {
  // n / (classes * count): 10 / 18, 10 / 9, 10 / 3.
  const data::Dataset d = uneven();
  const auto weights = class_weights("balanced", d, model::all_samples(10));
  ASSERT_EQ(weights.size(), 3u);
  EXPECT_NEAR(weights[0], 0.5555556, 1e-6);
  EXPECT_NEAR(weights[1], 1.1111111, 1e-6);
  EXPECT_NEAR(weights[2], 3.3333333, 1e-6);
  EXPECT_EQ(class_weights("balanced", d, model::all_samples(9))[2], 1) << "it has no samples";
  EXPECT_TRUE(class_weights("none", d, {}).empty());
}

TEST(ClassWeights, AreNamedByClass) {
  const data::Dataset d = uneven();
  EXPECT_EQ(class_weights("c=3, a=0.5", d, {}), (std::vector<float>{0.5f, 1, 3}));
  EXPECT_TRUE(contains(error_of([&] { class_weights("d=3", d, {}); }), "has no class 'd'"));
  EXPECT_TRUE(contains(error_of([&] { class_weights("c=3", sums(), {}); }), "are numbers"));
  for (const char* wrong : {"c", "c=x", "c=-1", "c=2000", "=1"}) {
    Options o = toy_options();
    o.class_weights = wrong;
    EXPECT_TRUE(contains(error_of([&] { check(o); }), "class-weights")) << wrong;
  }
}

/// The weights after one plain step of gradient descent over all samples.
std::vector<float> after_a_step(const data::Dataset& data, const std::string& class_weights,
                                double rate, const std::string& loss, int accumulate = 1) {
  Options o = toy_options();
  o.model = "2 : dense 5 | tanh | dense 3";
  o.optimizer = "sgd";
  o.schedule = Schedule::constant;
  o.lr = rate;
  o.weight_decay = 0;
  o.epochs = 1;
  o.batch = accumulate > 1 ? 4 : 100;
  o.accumulate = accumulate;
  o.validation = 0;
  o.normalise = data::Normaliser::none;
  o.loss = loss;
  o.class_weights = class_weights;
  ThreadPool threads(2);
  Trainer trainer(o, data, threads);
  trainer.train_epoch();
  const auto values = trainer.model().parameters.span();
  return {values.begin(), values.end()};
}

TEST(ClassWeights, OfAWholeNumberAreThatManyCopiesOfTheSamples) {
  const data::Dataset once = uneven();
  data::Dataset copied = once;
  for (int copy = 0; copy < 2; ++copy) {  // the sample of c stands there three times
    copied.train.values.insert(copied.train.values.end(),
                               {once.train.values[18], once.train.values[19]});
    copied.train.labels.push_back(2);
    ++copied.train.count;
  }
  for (const char* loss :
       {"softmax_cross_entropy", "sigmoid_cross_entropy", "mean_squared_error", "hinge"}) {
    SCOPED_TRACE(loss);
    // The mean is over 10 samples in one and over 12 in the other.
    const auto weighted = after_a_step(once, "c=3", 0.5, loss);
    const auto copies = after_a_step(copied, "none", 0.5 * 12 / 10, loss);
    const auto plain = after_a_step(once, "none", 0.5, loss);
    const auto in_parts = after_a_step(once, "c=3", 0.5, loss, 3);
    double moved = 0;
    for (std::size_t i = 0; i < weighted.size(); ++i) {
      EXPECT_NEAR(weighted[i], copies[i], 1e-6) << i;
      EXPECT_NEAR(weighted[i], in_parts[i], 1e-6) << i;
      moved = std::max<double>(moved, std::abs(weighted[i] - plain[i]));
    }
    EXPECT_GT(moved, 1e-3) << "else this tests nothing";
  }
}

TEST(ClassWeights, OfOneChangeNothing) {
  EXPECT_EQ(after_a_step(uneven(), "a=1", 0.5, "auto"),
            after_a_step(uneven(), "none", 0.5, "auto"));
}

TEST(ClassWeights, WeighErrorsAndConstantAnswers) {
  const std::vector<float> weights = {0.5f, 2};
  EXPECT_DOUBLE_EQ(weighted_error({{6, 2}, {1, 1}}, weights),
                   (2 * 0.5 + 1 * 2) / (8 * 0.5 + 2 * 2));
  EXPECT_DOUBLE_EQ(weighted_error({{8, 0}, {0, 2}}, weights), 0);
  EXPECT_EQ(weighted_error({{0, 0}, {0, 0}}, weights), 0) << "nothing was answered";
  const std::vector<std::int64_t> counts = {8, 2};
  const ConstantAnswer balanced = best_constant_answer(counts, weights);
  EXPECT_DOUBLE_EQ(balanced.error, 0.5);
  EXPECT_NEAR(balanced.cross_entropy, 0.8 * std::log(2.0), 1e-12);  // 0.4 ln 2 of either class
  const ConstantAnswer plain = best_constant_answer(counts, std::vector<float>{1, 1});
  EXPECT_DOUBLE_EQ(plain.error, 0.2);
  EXPECT_NEAR(plain.cross_entropy, -(0.8 * std::log(0.8) + 0.2 * std::log(0.2)), 1e-12);
}

/// Numbers in two heaps that overlap, one with 24 times as many as the other: whoever never answers
/// `rare` is wrong least often.
data::Dataset rare() {
  data::Dataset d;
  d.spec = "rare";
  d.sample_shape = Shape{1};
  d.class_names = {"usual", "rare"};
  std::uint32_t stream = 0;
  for (data::Split* split : {&d.train, &d.test}) {
    const Random random(7, ++stream);
    split->count = 1000;
    for (std::size_t i = 0; i < split->count; ++i) {
      const bool is_rare = i % 25 == 0;
      split->labels.push_back(is_rare);
      split->values.push_back(static_cast<float>(random.normal(i)) + (is_rare ? 1.5f : 0));
    }
  }
  return d;
}

/// Begins with weights that answer `usual` to everything.
Options from_usual(const std::string& class_weights) {
  Options o = toy_options();
  o.model = "1 : dense 2";
  o.optimizer = "sgd";
  o.schedule = Schedule::constant;
  o.lr = 0.02;
  o.weight_decay = 0;
  o.epochs = 12;
  o.validation = 0.3;
  o.class_weights = class_weights;
  return o;
}

std::unique_ptr<Trainer> trained_from_usual(const Options& options, const data::Dataset& data,
                                            ThreadPool& threads) {
  auto trainer = std::make_unique<Trainer>(options, data, threads);
  model::TensorFile state = trainer->state();
  state.tensors.at("parameter/dense1.weight").values = {0, 0};
  state.tensors.at("parameter/dense1.bias").values = {2, -2};
  trainer->restore(state, {});
  while (!trainer->finished()) trainer->train_epoch();
  return trainer;
}

TEST(ClassWeights, ChooseTheBestEpoch) {
  ThreadPool threads(2);
  const data::Dataset data = rare();
  const auto trainer = trained_from_usual(from_usual("balanced"), data, threads);
  const auto plain = [](const EpochRecord& r) {
    return std::pair(r.validation_error, r.validation_loss);
  };
  const auto weighted = [](const EpochRecord& r) {
    return std::pair(r.weighted_error.value(), r.weighted_loss.value());
  };
  const auto best = std::ranges::min_element(trainer->history(), {}, weighted);
  EXPECT_EQ(trainer->best_epoch(), best->epoch);
  EXPECT_NE(best->epoch, std::ranges::min_element(trainer->history(), {}, plain)->epoch)
      << "else this tests nothing";
  EXPECT_LT(*best->weighted_error, 0.4);
  const auto weights = class_weights("balanced", data, trainer->partition().train);
  const model::Evaluation again = trainer->evaluate_validation(true);
  EXPECT_DOUBLE_EQ(weighted_error(again.confusion, weights), *best->weighted_error);
  EXPECT_GT(again.confusion[1][1], 0) << "the rare class is found";
}

TEST(ClassWeights, DecideWhenPatienceEnds) {
  ThreadPool threads(1);
  const data::Dataset data = rare();
  Options o = from_usual("balanced");
  o.patience = 2;  // the plain error rises from the first epoch on
  EXPECT_GT(trained_from_usual(o, data, threads)->history().size(), 4u);
}

TEST(ClassWeights, OfOneGiveTheUsualFigures) {
  ThreadPool threads(1);
  const data::Dataset data = rare();
  const auto ones = trained_from_usual(from_usual("rare=1"), data, threads);
  const auto none = trained_from_usual(from_usual("none"), data, threads);
  EXPECT_EQ(ones->best_epoch(), none->best_epoch());
  for (const EpochRecord& r : ones->history()) {
    EXPECT_NEAR(r.weighted_error.value(), r.validation_error, 1e-12);
    EXPECT_NEAR(r.weighted_loss.value(), r.validation_loss, 1e-5);
  }
  for (const EpochRecord& r : none->history())
    EXPECT_FALSE(r.weighted_error || r.weighted_loss) << "records stay as they were";
}

TEST(ClassWeights, JudgeARunOfAnOlderProgramAnew) {
  ThreadPool threads(1);
  const data::Dataset data = rare();
  Options o = from_usual("balanced");
  o.epochs = 2;
  const auto old = trained_from_usual(o, data, threads);
  model::TensorFile state = old->state();
  std::vector<EpochRecord> history = old->history();
  for (EpochRecord& r : history) r.weighted_error = r.weighted_loss = {};
  state.metadata.at("best_error") = "0";  // below anything that classes weigh
  o.epochs = 4;
  Trainer resumed(o, data, threads);
  resumed.restore(state, history);
  while (!resumed.finished()) resumed.train_epoch();
  EXPECT_GT(resumed.best_epoch(), 2);
}

TEST(ClassWeights, DoNotGoWithMixup) {
  Options o = toy_options();
  o.class_weights = "balanced";
  o.mixup = 0.2;
  ThreadPool threads(1);
  const data::Dataset data = moons();
  EXPECT_TRUE(contains(error_of([&] { Trainer(o, data, threads); }), "do not go together"));
}

}  // namespace
}  // namespace rectify::train
