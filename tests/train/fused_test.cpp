// Fused steps update a weight while its gradient is in cache; unfused ones store all gradients
// first. Both must leave the same bytes.

#include <gtest/gtest.h>

#include "rectify/model/file.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

struct Trained {
  std::string model, state;
  std::vector<double> losses, gradients;
  std::string error;
};

Trained train(const Options& options, const data::Dataset& data, int threads, bool fused) {
  ThreadPool pool(threads);
  Trainer trainer(options, data, pool, fused);
  Trained result;
  try {
    while (!trainer.finished()) trainer.train_epoch();
  } catch (const NonFinite& error) {
    result.error = error.what();
  }
  result.model = model::encode(model::to_file(trainer.model()));
  result.state = model::encode(trainer.state());
  for (const EpochRecord& epoch : trainer.history()) {
    result.losses.push_back(epoch.train_loss);
    result.gradients.push_back(epoch.gradients.front().norm);
  }
  return result;
}

struct Both {
  Trained stored, fused;
};

/// What one thread left, for who has more to ask.
Both expect_same(const Options& options, const data::Dataset& data) {
  const Trained stored = train(options, data, 1, false);
  Trained of_one;
  for (const int threads : {1, 2, 3}) {
    const Trained fused = train(options, data, threads, true);
    if (threads == 1) of_one = fused;
    EXPECT_TRUE(fused.model == stored.model) << threads << " threads";
    EXPECT_TRUE(fused.state == stored.state) << threads << " threads";
    EXPECT_EQ(fused.losses, stored.losses);
    EXPECT_EQ(fused.error, stored.error);
  }
  return {stored, of_one};
}

TEST(FusedStep, LeavesTheSameBytesWithEveryOptimiser) {
  // Weights of several tiles, of 256 x 256 at most, and of no more numbers than that needs.
  const std::string model = "300 : dense 290 | relu | dropout 0.3 | dense 280 | prelu | dense 10";
  const data::Dataset data = noise_for(model, 65);
  for (const std::string& optimizer : optimiser_names()) {
    SCOPED_TRACE(optimizer);
    Options o;
    o.model = model;
    o.optimizer = optimizer;
    o.lr = 1e-3;
    o.epochs = 2;
    o.batch = 20;
    o.max_norm = 2;
    o.weight_decay = 1e-3;
    o.l1 = 1e-3;
    const Both both = expect_same(o, data);
    // Norms are those of the steps that stored their gradients: here the first of each epoch.
    EXPECT_NE(both.fused.gradients, both.stored.gradients);
  }
}

TEST(FusedStep, LeavesTheSameBytesWithMixupSmoothingAndAnAverage) {
  ThreadPool threads(2);
  const data::Dataset data =
      data::open("glyphs:classes=digits,train=105,test=10,difficulty=0", threads);
  Options o;
  o.model = "784 : dense 400 | relu | dense 10";
  o.epochs = 2;
  o.batch = 20;
  o.mixup = 0.5;
  o.label_smoothing = 0.1;
  o.ema = 0.9;
  expect_same(o, data);
}

TEST(FusedStep, LeavesTheSameBytesInBfloat16) {
  if (!run::has_bfloat16_products()) GTEST_SKIP() << "this processor has none";
  ThreadPool threads(2);
  const data::Dataset data =
      data::open("glyphs:classes=digits,train=105,test=10,difficulty=0", threads);
  Options o;
  o.model = "784 : dense 400 | relu | dropout 0.3 | dense 290 | prelu | dense 10";
  o.precision = Precision::bf16;
  o.lr = 1e-3;
  o.epochs = 2;
  o.batch = 20;
  expect_same(o, data);
  o.max_norm = 2;
  const std::string narrow = expect_same(o, data).fused.model;
  o.precision = Precision::fp32;
  EXPECT_NE(train(o, data, 1, true).model, narrow);
}

TEST(FusedStep, LeavesTheSameBytesWhereZerosAreLeftOut) {
  ThreadPool threads(2);
  const data::Dataset data =
      data::open("glyphs:classes=digits,train=420,test=10,difficulty=0", threads);
  Options o;
  o.model = "784 : dense 600 | relu | dense 600 | relu | dense 10";
  o.normalise = data::Normaliser::range;  // the background is 0
  o.lr = 0.01;
  o.epochs = 2;
  o.batch = 180;
  const Trained with = expect_same(o, data).fused;
  o.sparse = Sparse::off;
  const Trained without = train(o, data, 1, true);
  EXPECT_NE(with.model, without.model) << "no product was sparse";
  ASSERT_EQ(with.losses.size(), without.losses.size());
  for (std::size_t i = 0; i < with.losses.size(); ++i)
    EXPECT_NEAR(with.losses[i], without.losses[i], 1e-5 * without.losses[i]);
}

TEST(FusedStep, LeavesTheSameBytesWithGatesAndShortBatches) {
  const data::Dataset data = moons(130);
  for (const char* model :
       {"2 : dense 34 | swiglu | dense 2", "2 : dense 36 | maxout 3 | dense 2"}) {
    SCOPED_TRACE(model);
    Options o = toy_options();
    o.model = model;
    o.lr = 0.02;
    o.batch = 1;
    o.epochs = 1;
    expect_same(o, data);
  }
}

TEST(FusedStep, RefusesTheSameStepThatWouldGoNonFinite) {
  const data::Dataset data = moons();
  Options o = toy_options();
  o.lr = 1e30;
  o.optimizer = "sgd";
  o.schedule = Schedule::constant;
  o.model = "2 : dense 16 | relu | dense 12 | relu | dense 2";
  EXPECT_FALSE(expect_same(o, data).fused.error.empty());
}

}  // namespace
}  // namespace rectify::train
