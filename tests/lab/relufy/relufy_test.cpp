// Rectifiers in place of smooth activations.

#include "rectify/lab/relufy/relufy.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/diagnose/heal/surgery.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/text.h"
#include "rectify/lab/relufy/sites.h"
#include "rectify/lab/relufy/tuning.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/evaluate.h"
#include "rectify/train/trainer.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::lab {
namespace {

train::Options toy_training(const std::string& model = {}) {
  train::Options options;
  options.model = model;
  options.optimizer = "adam";
  options.lr = 0.01;
  options.weight_decay = 0;
  options.batch = 16;
  options.epochs = 12;
  return options;
}

model::Model trained(const std::string& text, const data::Dataset& dataset) {
  ThreadPool threads(1);
  train::Trainer trainer(toy_training(text), dataset, threads);
  while (!trainer.finished()) trainer.train_epoch();
  return trainer.best_model();
}

/// So small a rate that no weight moves.
train::Options still() {
  train::Options options = toy_training();
  options.lr = 1e-30;
  options.epochs = 1;
  return options;
}

Relufied relufied(const model::Model& model, const data::Dataset& dataset,
                  const RelufyOptions& options, int pool = 1) {
  ThreadPool threads(pool);
  return relufy(model, dataset, options, threads);
}

double error_on(const model::Model& model, const data::Dataset& dataset, const data::Split& split,
                const std::vector<std::uint32_t>& rows) {
  ThreadPool threads(1);
  model::Model copy = diagnose::copy_of(model);
  return model::Evaluator(copy.graph, copy.layout, copy.parameters.data(), copy.loss, dataset,
                          threads)
      .evaluate(split, rows, copy.normalisation, false)
      .error;
}

class Relufy : public testing::Test {
 protected:
  data::Dataset dataset_ = moons();
  model::Model model_ = trained("2 : dense 16 | gelu | dense 12 | tanh | dense 2", dataset_);
};

TEST_F(Relufy, ReplacesEveryLayerAndSaysWhatItMeasured) {
  RelufyOptions options{.zeros = 0.7, .training = toy_training()};
  const Relufied now = relufied(model_, dataset_, options);
  EXPECT_EQ(graph::model_text(now.model.graph), "2 : dense 16 | relu | dense 12 | relu | dense 2");
  ASSERT_EQ(now.layers.size(), 2u);
  EXPECT_EQ(now.layers[0].label, "gelu1");
  EXPECT_EQ(now.layers[1].before, "tanh");
  EXPECT_EQ(now.layers[1].after, "relu2");
  const data::Partition parts = data::hold_out(dataset_.train, 0.1, 0);
  const std::vector<std::uint32_t> tests = model::all_samples(dataset_.test.count);
  EXPECT_EQ(now.before.validation, error_on(model_, dataset_, dataset_.train, parts.validation));
  EXPECT_EQ(now.after.validation, error_on(now.model, dataset_, dataset_.train, parts.validation));
  EXPECT_EQ(now.after.validation, now.layers[1].error);
  EXPECT_EQ(now.before.test, error_on(model_, dataset_, dataset_.test, tests));
  EXPECT_EQ(now.after.test, error_on(now.model, dataset_, dataset_.test, tests));
  EXPECT_LT(now.after.test, now.before.test + 0.03);
  ThreadPool threads(1);
  const auto zeros =
      zero_shares(now.model, all_sites(now.model.graph), dataset_, parts.validation, threads);
  for (std::size_t i = 0; i < 2; ++i) {
    EXPECT_EQ(now.layers[i].zeros_before, 0);
    EXPECT_EQ(now.layers[i].zeros_after, zeros[i]);
    EXPECT_GT(zeros[i], 0.25);
    EXPECT_LE(now.layers[i].error, now.layers[i].swapped);
  }
}

TEST_F(Relufy, ChoosesAShiftThatLeavesTheWantedShareOfZeros) {
  RelufyOptions options{.zeros = 0.55, .layers = {"gelu1"}, .training = still()};
  const Relufied now = relufied(model_, dataset_, options);
  EXPECT_EQ(graph::model_text(now.model.graph), "2 : dense 16 | relu | dense 12 | tanh | dense 2");
  ASSERT_GT(now.layers[0].shift, 0) << now.layers[0].said;
  const auto bias = [](const model::Model& m) {
    return diagnose::numbers_of(m, m.graph.find("dense1.bias"));
  };
  for (std::size_t i = 0; i < 16; ++i)
    EXPECT_NEAR(bias(now.model)[i], bias(model_)[i] - now.layers[0].shift, 1e-5);
  ThreadPool threads(1);
  const data::Partition parts = data::hold_out(dataset_.train, 0.1, 0);
  const auto zeros =
      zero_shares(now.model, all_sites(now.model.graph), dataset_, parts.train, threads);
  EXPECT_NEAR(zeros[0], 0.55, 0.001);
}

TEST_F(Relufy, HoldsTheShareOfZerosWhereItIsAskedTo) {
  const data::Dataset dataset = sums();  // where a network that is 0 more often is worse by little
  const model::Model model = trained("2 : dense 32 | silu | dense 2", dataset);
  RelufyOptions options{.zeros = 0.6, .training = toy_training()};
  const std::vector<std::uint32_t> rows = data::hold_out(dataset.train, 0.1, 0).train;
  ThreadPool threads(1);
  for (const bool hold : {true, false}) {
    options.hold = hold;
    const Relufied now = relufied(model, dataset, options);
    const auto zeros = zero_shares(now.model, all_sites(now.model.graph), dataset, rows, threads);
    if (now.layers[0].shift == 0 || now.layers[0].best_epoch == 0) FAIL() << now.layers[0].said;
    if (hold)
      EXPECT_GE(zeros[0], 0.599);
    else
      EXPECT_LT(zeros[0], 0.599);
  }
}

TEST_F(Relufy, TakesTheShiftBackWhereItCostsTooMuch) {
  RelufyOptions options{.zeros = 0.999, .layers = {"gelu1"}, .training = still()};
  const Relufied now = relufied(model_, dataset_, options);
  EXPECT_EQ(now.layers[0].shift, 0);
  EXPECT_TRUE(contains(now.layers[0].said, "shifted by ")) << now.layers[0].said;
  EXPECT_TRUE(contains(now.layers[0].said, ", the error was ")) << now.layers[0].said;
  options.shift = 100;  // a shift that is asked for stays, whatever it costs
  const Relufied asked = relufied(model_, dataset_, options);
  EXPECT_EQ(asked.layers[0].shift, 100);
  EXPECT_EQ(asked.layers[0].zeros_after, 1);
  EXPECT_EQ(asked.layers[0].said, "");
}

TEST_F(Relufy, LeavesALayerWithoutABiasUnshifted) {
  const model::Model model = trained("2 : dense 16 bias=no | gelu | dense 2", dataset_);
  const Relufied now = relufied(model, dataset_, {.shift = 0.5, .training = still()});
  EXPECT_EQ(now.layers[0].shift, 0);
  EXPECT_EQ(now.layers[0].said, "not shifted: there is no bias of its own before it");
}

TEST_F(Relufy, GivesTheSameBitsForAnyNumberOfThreads) {
  const RelufyOptions options{.zeros = 0.8, .training = toy_training()};
  const Relufied one = relufied(model_, dataset_, options);
  for (const int pool : {2, 3}) {
    const Relufied other = relufied(model_, dataset_, options, pool);
    EXPECT_TRUE(same_bits(one.model.parameters.span(), other.model.parameters.span())) << pool;
    EXPECT_EQ(one.layers[0].shift, other.layers[0].shift);
  }
}

TEST_F(Relufy, MeasuresRegressionsInTheUnitsOfTheTargets) {
  const data::Dataset dataset = sums();
  const model::Model model = trained("2 : dense 16 | silu | dense 2", dataset);
  const Relufied now = relufied(model, dataset, {.zeros = 0.5, .training = toy_training()});
  EXPECT_EQ(now.after.test, error_on(now.model, dataset, dataset.test, model::all_samples(100)));
  EXPECT_LT(now.after.test, 0.5);
}

TEST_F(Relufy, RefusesWhatCannotBeReplacedOrTakeItsPlace) {
  const auto refused = [&](const model::Model& model, const RelufyOptions& options) {
    return error_of([&] { relufied(model, dataset_, options); });
  };
  EXPECT_TRUE(contains(refused(model_, {.activation = "elu"}), "'elu' approaches -1"))
      << refused(model_, {.activation = "elu"});
  EXPECT_TRUE(contains(refused(model_, {.activation = "prelu"}), "exactly 0 to the left"));
  EXPECT_TRUE(contains(refused(model_, {.activation = "dense 3"}), "is not one activation"));
  EXPECT_TRUE(contains(refused(model_, {.zeros = 1}), "between 0 and 1, both left out, not 1"));
  EXPECT_TRUE(contains(refused(model_, {.shift = std::nan("")}), "finite"));
  EXPECT_TRUE(contains(refused(model_, {.layers = {"gelu2"}}), "there are: gelu1, tanh1"));
  const model::Model relus = trained("2 : dense 4 | relu | dense 2", dataset_);
  EXPECT_TRUE(contains(refused(relus, {}), "no smooth activation before its answer, only relu1"));
  const model::Model line = trained("2 : dense 2", dataset_);
  EXPECT_TRUE(contains(refused(line, {}), "no smooth activation before its answer and no other"));
  EXPECT_NE(error_of([&] { relufied(model_, sums(), {}); }), "");
}

TEST_F(Relufy, StopsWhereItIsAskedTo) {
  ThreadPool threads(1);
  int steps = 0;
  double done = 0;
  const auto show = [&](const Progress& progress) {
    EXPECT_GE(progress.done, done);
    done = progress.done;
  };
  EXPECT_THROW(relufy(model_, dataset_, {.training = toy_training()}, threads, show,
                      [&] { return ++steps > 30; }),
               Stopped);
  EXPECT_GT(done, 0);
  EXPECT_LT(done, 0.5);
}

TEST_F(Relufy, FineTuningKeepsTheWeightsWhereNoEpochIsBetter) {
  ThreadPool threads(1);
  const data::Partition parts = data::hold_out(dataset_.train, 0.1, 0);
  train::Options wild = toy_training();
  wild.lr = 30, wild.epochs = 2;
  model::Model model = diagnose::copy_of(model_);
  const Tuned worse = fine_tune(model, wild, dataset_, parts, threads, {}, {}, {});
  EXPECT_EQ(worse.best_epoch, 0);
  EXPECT_EQ(worse.error, worse.error_before);
  EXPECT_TRUE(same_bits(model.parameters.span(), model_.parameters.span()));
  for (float& number : diagnose::numbers_of(model, model.graph.find("dense3.weight"))) number = 0;
  const Tuned better = fine_tune(model, toy_training(), dataset_, parts, threads, {}, {}, {});
  EXPECT_GT(better.best_epoch, 0);
  EXPECT_LT(better.error, better.error_before - 0.2);
  EXPECT_EQ(better.error, error_on(model, dataset_, dataset_.train, parts.validation));
}

}  // namespace
}  // namespace rectify::lab
