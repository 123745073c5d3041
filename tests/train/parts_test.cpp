// The parts of the data that a program gives a trainer or leaves out, and the end of its epochs.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/model/safetensors.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

TEST(Parts, GivenWithoutWatchedSamplesWatchThoseOfValidation) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  data::Partition parts = data::hold_out(data.train, 0.25, 1);
  Trainer whole(toy_options(), data, threads, true, parts);
  parts.watched.clear();
  Trainer part(toy_options(), data, threads, true, parts);
  EXPECT_EQ(part.partition().watched, parts.validation);
  for (Trainer* trainer : {&whole, &part}) trainer->train_epoch();
  EXPECT_EQ(part.history()[0].validation_loss, whole.history()[0].validation_loss);
  EXPECT_GT(part.history()[0].validation_loss, 0);
}

TEST(Parts, OfNumbersThatAreNoSamplesAreRefused) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  const data::Partition parts{.train = {0, 1, 2, 400000000}, .validation = {3}, .watched = {3}};
  const std::string what =
      error_of([&] { Trainer(toy_options(), data, threads, true, parts).train_epoch(); });
  EXPECT_TRUE(contains(what, "Partition::train has the number 400000000")) << what;
}

TEST(Parts, WithoutATestSplitTheTestHasNoError) {
  data::Dataset data = moons();
  data.test = {};
  ThreadPool threads(1);
  Options options = toy_options();
  options.model = "2 : dense 16 | relu | dense 2";
  options.certify = 0.1;
  Trainer trainer(options, data, threads);
  EXPECT_TRUE(std::isnan(trainer.evaluate_test(true).error));
  EXPECT_TRUE(std::isnan(trainer.evaluate_test(true).loss));
  EXPECT_TRUE(std::isnan(*trainer.certified_test_error(true)));
}

TEST(Trainer, StaysAsItIsWhenAnEpochTooManyIsAskedFor) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  for (const double warmup : {0.0, 2.0}) {
    Options options = toy_options();
    options.epochs = 2;
    options.warmup = warmup;
    Trainer trainer(options, data, threads);
    while (!trainer.finished()) trainer.train_epoch();
    const std::string before = model::encode(trainer.state());
    const std::string what = error_of([&] { trainer.train_epoch(); });
    EXPECT_TRUE(contains(what, "all 2 epochs have been trained")) << what;
    EXPECT_TRUE(model::encode(trainer.state()) == before);
    EXPECT_EQ(trainer.history().size(), 2u);
  }
}

}  // namespace
}  // namespace rectify::train
