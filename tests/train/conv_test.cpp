// Networks over images, from data to answers.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/random.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/graph/zoo.h"
#include "rectify/model/file.h"
#include "rectify/model/loss.h"
#include "rectify/model/predictor.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

data::Dataset digits(int train) {
  ThreadPool threads(2);
  return data::open(concat("glyphs:classes=digits,train=", train, ",test=64,difficulty=0"),
                    threads);
}

Options small(const std::string& model) {
  Options o;
  o.model = model;
  o.epochs = 3;
  o.batch = 32;
  o.lr = 0.05;
  return o;
}

constexpr const char* network =
    "28x28x1 : conv 6 5x5 padding=2 | relu | max_pool 2 | conv 16 5x5 padding=valid | prelu | "
    "max_pool 2 | conv 16 3x3 groups=16 | relu | dropout 0.1 | flatten | dense 40 | relu | "
    "dense 10";

std::string bytes_after(const Options& options, const data::Dataset& data, int count, bool fused) {
  ThreadPool threads(count);
  Trainer trainer(options, data, threads, fused);
  while (!trainer.finished()) trainer.train_epoch();
  return model::encode(model::to_file(trainer.model())) + model::encode(trainer.state());
}

TEST(ImageNetwork, LearnsDigits) {
  ThreadPool threads(2);
  const data::Dataset data = digits(1000);
  Trainer trainer(small(network), data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  EXPECT_LT(trainer.history().back().validation_error, 0.3);
  EXPECT_EQ(trainer.history().back().layers.size(), 4u);
  EXPECT_EQ(trainer.history().back().gradients.size(), 5u);
}

TEST(ImageNetwork, LeavesTheSameBytesForAnyNumberOfThreadsFusedOrNot) {
  const data::Dataset data = digits(150);
  Options o = small(network);
  o.epochs = 2;
  o.max_norm = 1.5;
  o.l1 = 0.01;
  const std::string want = bytes_after(o, data, 1, false);
  for (const int threads : {1, 2, 3}) EXPECT_TRUE(bytes_after(o, data, threads, true) == want);
}

TEST(ImageNetwork, AnswersAsItWasEvaluatedAlsoFromAFile) {
  ThreadPool threads(2);
  const data::Dataset data = digits(150);
  Options o = small(network);
  o.epochs = 1;
  Trainer trainer(o, data, threads);
  trainer.train_epoch();
  const std::vector<float> want = trainer.best_outputs_of("dense2", model::all_samples(70));
  const model::Predictor predictor(model::from_file(model::to_file(trainer.best_model()), "file"));
  std::vector<float> samples(70 * data.features()), answers(70 * 10);
  const std::vector<data::Scaling> as_they_are(1);
  data::gather(data.train, data.features(), model::all_samples(70), as_they_are, samples.data());
  for (const std::size_t rows : {std::size_t{1}, std::size_t{3}, std::size_t{70}}) {
    predictor.run(std::span(samples).first(rows * data.features()),
                  std::span(answers).first(rows * 10));
    for (std::size_t i = 0; i < rows * 10; ++i)
      EXPECT_NEAR(answers[i], want[i], 1e-4 * (1 + std::abs(want[i]))) << rows << " rows";
  }
}

// The smaller ones of the networks that come with rectify; those for ImageNet at a size of 64.
TEST(ImageNetwork, OfTheZooTakesAStep) {
  ThreadPool threads(2);
  for (const char* name : {"lenet5", "alexnet", "resnet20", "densenet40", "fast-cifar",
                           "mobilenet_v2", "efficientnet_b0"}) {
    std::string text = graph::network_text(name);
    if (text.starts_with("224x224x3")) text.replace(0, 9, "64x64x3");
    const data::Dataset data = noise_for(text, 4);
    Options o = small(text);
    o.batch = 4;
    o.epochs = 1;
    o.validation = 0;
    o.lr = 1e-3;
    Trainer trainer(o, data, threads);
    EXPECT_TRUE(trainer.train_epoch()) << name;
    EXPECT_TRUE(std::isfinite(trainer.history().back().validation_loss)) << name;
  }
}

TEST(ImageNetwork, WantsImagesOfTheDatasShape) {
  const data::Dataset data = digits(30);
  const auto error_of = [&](const std::string& text) -> std::string {
    try {
      model::resolve_loss(graph::parse_model(text), data, "auto");
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  EXPECT_EQ(error_of("784 : reshape 28x28x1 | conv 2 3x3 | flatten | dense 10"), "");
  const std::string what = error_of("1x28x28 : conv 2 3x3 | flatten | dense 10");
  EXPECT_NE(what.find("images of 1x28x28"), std::string::npos) << what;
  EXPECT_NE(what.find("'28x28x1 :'"), std::string::npos) << what;
  const std::string rows = error_of("28x28x1 : conv 2 3x3 | dense 10");
  EXPECT_NE(rows.find("answers 28x28x10"), std::string::npos) << rows;
  EXPECT_NE(rows.find("flatten"), std::string::npos) << rows;
}

}  // namespace
}  // namespace rectify::train
