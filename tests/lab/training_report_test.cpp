// Real runs, described and opened in a browser.

#include "rectify/lab/training_report.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/file.h"
#include "rectify/train/class_weights.h"
#include "tests/helpers.h"
#include "tests/report/browser.h"
#include "tests/toy_data.h"

namespace rectify::lab {
namespace {

train::Options small_options() {
  train::Options o;
  o.epochs = 2;
  o.batch = 16;
  o.lr = 0.05;
  o.model = "2 : dense 12 | tanh | dense 8 | relu | dense 2";
  return o;
}

TEST(DescribeTraining, CountsClassesInEachPartOfTheData) {
  const data::Dataset data = rectify::moons(400, 100);
  ThreadPool threads(2);
  train::Options o = small_options();
  o.class_weights = "balanced";
  train::Trainer trainer(o, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  const report::Training run = describe_training(trainer, {});
  ASSERT_EQ(run.classes.size(), 2u);
  std::int64_t train = 0, validation = 0, test = 0;
  for (const report::ClassFigures& one : run.classes) {
    train += one.train;
    validation += one.validation;
    test += one.test;
    EXPECT_NEAR(one.weight, 360.0 / (2 * static_cast<double>(one.train)), 1e-6);
  }
  EXPECT_EQ(train, 360);
  EXPECT_EQ(validation, 40);
  EXPECT_EQ(test, 100);
  ASSERT_EQ(run.history.size(), 2u);
  EXPECT_EQ(run.history[1].weights.size(), 3u);
  EXPECT_EQ(run.history[1].layers.size(), 2u);
  EXPECT_GT(run.history[1].weights[0].update, 0);
  EXPECT_EQ(run.test_error, trainer.evaluate_test(true).error);
  // Recall, weighted by the classes' sizes, is what is right.
  double right = 0;
  for (const report::ClassFigures& one : run.classes)
    right += one.recall * static_cast<double>(one.test) / 100;
  EXPECT_NEAR(right, 1 - run.test_error, 1e-9);
  ASSERT_FALSE(run.worst.empty());
  EXPECT_EQ(run.columns.size(), 2u);
  EXPECT_EQ(run.worst[0].values.size(), 2u);
  EXPECT_NE(run.worst[0].truth, run.worst[0].answer) << "the worst one is wrong";
}

TEST(DescribeTraining, OfARegressionHasResidualsInTheTargetsUnits) {
  const data::Dataset data = sums();
  ThreadPool threads(2);
  train::Options o = small_options();
  train::Trainer trainer(o, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  const report::Training run = describe_training(trainer, {});
  ASSERT_EQ(run.targets.size(), 2u);
  double squares = 0;
  for (const report::TargetFigures& target : run.targets)
    for (const auto& [actual, predicted] : target.answers)
      squares += (predicted - actual) * (predicted - actual);
  EXPECT_NEAR(std::sqrt(squares / 200), run.test_error, 1e-5);
  EXPECT_TRUE(run.classes.empty());
}

TEST(DescribeTraining, OfAFailedRunHasTheEpochThatFailed) {
  const data::Dataset data = rectify::moons(400, 100);
  ThreadPool threads(2);
  train::Options o = small_options();
  o.lr = 1e30;
  o.warmup = 0;
  train::Trainer trainer(o, data, threads);
  EXPECT_THROW(
      {
        while (!trainer.finished()) trainer.train_epoch();
      },
      train::NonFinite);
  const report::Training run = describe_training(
      trainer, {.end = report::TrainingEnd::failed, .trouble = "went non-finite"});
  ASSERT_EQ(run.history.size(), 1u);
  EXPECT_EQ(run.history[0].epoch, 1);
  EXPECT_EQ(run.history[0].weights.size(), 3u);
  EXPECT_TRUE(std::isnan(run.history[0].validation_loss));
  EXPECT_TRUE(std::isnan(run.test_error));
  EXPECT_TRUE(run.worst.empty());
}

TEST(DescribeTraining, NamesDeadLayersAndUnevenClasses) {
  data::Dataset data = rectify::moons(400, 100);
  for (std::size_t i = 0; i < 400; ++i) data.train.labels[i] = i % 10 == 0;
  ThreadPool threads(2);
  train::Options o = small_options();
  o.model = "2 : dense 4 | tanh | dense 9 | relu | dense 2";
  train::Trainer trainer(o, data, threads);
  model::TensorFile state = trainer.state();
  for (float& bias : state.tensors.at("parameter/dense2.bias").values) bias = -100;
  trainer.restore(state, {});
  trainer.train_epoch();
  const report::Training run = describe_training(trainer, {});
  std::string notes;
  for (const std::string& note : run.notes) notes += note + "\n";
  EXPECT_TRUE(contains(notes, "relu1: 100 % of 9 units are dead")) << notes;
  EXPECT_TRUE(contains(notes, "The classes are uneven")) << notes;
  EXPECT_TRUE(contains(notes, "--class-weights balanced")) << notes;
  EXPECT_TRUE(contains(notes, "the network takes every sample for ")) << notes;
}

class TrainingRunInBrowser : public report::Browser {
 protected:
  std::string page_of(const std::string& spec, const train::Options& options) {
    ThreadPool threads(2);
    const data::Dataset data = data::open(spec, threads);
    train::Trainer trainer(options, data, threads);
    TrainingOutcome outcome;
    try {
      while (!trainer.finished()) trainer.train_epoch();
    } catch (const train::NonFinite& error) {
      outcome = {.end = report::TrainingEnd::failed, .trouble = error.what()};
    }
    return report::to_html(describe_training(trainer, outcome));
  }
  const TemporaryFolder data_;
};

TEST_F(TrainingRunInBrowser, OfAClassifierOfImagesIsDrawn) {
  train::Options o = small_options();
  o.model = "28x28x1 : conv 4 3x3 | relu | max_pool 4 | flatten | dense 16 | tanh | dense 10";
  expect_drawn(page_of("glyphs:train=600,test=200", o), 7, 24);
}

TEST_F(TrainingRunInBrowser, OfARegressionFromATableIsDrawn) {
  std::string csv = "a,b,y\n";
  for (int i = 0; i < 200; ++i)
    csv += concat(i % 17, ".5,", i % 5, ",", 3 * (i % 17) - (i % 5), ".25\n");
  write_file(data_ / "r.csv", csv);
  train::Options o = small_options();
  o.model = "2 : dense 12 | tanh | dense 8 | relu | dense 1";
  expect_drawn(page_of("csv:" + (data_ / "r.csv").string() + ":y", o), 9);
}

TEST_F(TrainingRunInBrowser, ThatFailedIsDrawnAsFarAsItCame) {
  train::Options o = small_options();
  o.model = "784 : dense 16 | relu | dense 10";
  o.lr = 1e6;
  expect_drawn(page_of("glyphs:train=600,test=200", o), 4);
}

}  // namespace
}  // namespace rectify::lab
