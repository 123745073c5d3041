#include "rectify/train/class_weights.h"

#include <gtest/gtest.h>

#include <cmath>

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
