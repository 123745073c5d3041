#include "rectify/train/trainer.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <functional>

#include "rectify/graph/loss.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/suit.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

data::Dataset digits(int train, int test) {
  ThreadPool threads(2);
  return data::open(concat("glyphs:classes=digits,train=", train, ",test=", test, ",difficulty=0"),
                    threads);
}

double test_error_after(const Options& options, const data::Dataset& data) {
  ThreadPool threads(2);
  Trainer trainer(options, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  EXPECT_EQ(trainer.history().size(), static_cast<std::size_t>(options.epochs));
  EXPECT_LT(trainer.history().back().train_loss, trainer.history().front().train_loss);
  return trainer.evaluate_test(false).error;
}

TEST(Trainer, LearnsDigitsWithEveryLoss) {
  const data::Dataset data = digits(1500, 300);
  for (const std::string& loss : graph::loss_names()) {
    if (model::is_for_numbers(loss)) continue;
    Options o;
    o.model = "784 : dense 64 | relu | dense 10";
    o.loss = loss;
    o.epochs = 3;
    o.batch = 10;
    o.optimizer = "adam";
    o.lr = 3e-3;
    EXPECT_LT(test_error_after(o, data), 0.1) << loss;
  }
}

TEST(Trainer, LearnsTwoClassesFromOneOutput) {
  const data::Dataset data = moons(800, 200);
  for (const std::string& loss : graph::loss_names()) {
    if (loss == "softmax_cross_entropy" || model::is_for_numbers(loss)) continue;
    Options o = toy_options();
    o.model = "2 : dense 24 | relu | dense 24 | relu | dense 1";
    o.loss = loss;
    o.epochs = 3;
    EXPECT_LT(test_error_after(o, data), 0.15) << loss;
  }
}

TEST(Trainer, LearnsNumbers) {
  Options o = toy_options();
  o.model = "2 : dense 16 | relu | dense 2";
  o.epochs = 3;
  o.weight_decay = 0;
  for (const char* loss : {"auto", "mean_absolute_error", "huber"}) {
    o.loss = loss;  // errors are roots of mean squares; the targets' deviation is 1.4
    EXPECT_LT(test_error_after(o, sums()), 0.3) << loss;
  }
}

TEST(Trainer, GivesTheSameBytesForAnyNumberOfThreads) {
  const data::Dataset data = digits(330, 50);  // three batches, the last one short
  for (const char* optimizer : {"nesterov", "adam", "muon"}) {
    Options o;
    if (std::string(optimizer) != "nesterov") {
      o.mixup = 0.3;
      o.label_smoothing = 0.1;
      o.ema = 0.9;
      o.accumulate = 2;
    }
    o.model =
        "784 : dense 400 | batch_norm | relu | dropout 0.3 | dense 70 | layer_norm | elu | dense "
        "10";
    o.optimizer = optimizer;
    o.lr = 1e-3;
    o.epochs = 2;
    o.batch = 100;
    o.l1 = 1e-3;
    o.max_norm = 2;
    o.clip_norm = 1;
    std::string model, state;
    for (const int count : {1, 2, 3}) {
      ThreadPool threads(count);
      Trainer trainer(o, data, threads);
      while (!trainer.finished()) trainer.train_epoch();
      if (count == 1) {
        model = model::encode(model::to_file(trainer.last_model()));
        state = model::encode(trainer.state());
        continue;
      }
      EXPECT_TRUE(model::encode(model::to_file(trainer.last_model())) == model)
          << optimizer << ", " << count;
      EXPECT_TRUE(model::encode(trainer.state()) == state) << optimizer << ", " << count;
    }
  }
}

TEST(Trainer, IsDecidedByTheSeed) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  const auto model_of = [&](std::uint64_t seed) {
    Options o = toy_options();
    o.seed = seed;
    Trainer trainer(o, data, threads);
    trainer.train_epoch();
    return model::encode(model::to_file(trainer.model()));
  };
  EXPECT_TRUE(model_of(1) == model_of(1));
  EXPECT_FALSE(model_of(1) == model_of(2));
}

TEST(Trainer, RefusesTheStepThatWouldGoNonFinite) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  for (const char* optimizer : {"sgd", "nesterov"}) {
    Options o = toy_options();
    o.lr = 1e30;
    o.optimizer = optimizer;
    o.schedule = Schedule::constant;
    o.model = "2 : dense 16 | relu | dense 12 | relu | dense 2";
    Trainer trainer(o, data, threads);
    std::string state;
    int steps = 0;
    const ProgressCallback remember = [&](const Progress&) {
      ++steps;
      state = model::encode(trainer.state());
    };
    std::string what;
    try {
      while (!trainer.finished()) trainer.train_epoch(remember);
    } catch (const NonFinite& error) {
      what = error.what();
    }
    EXPECT_TRUE(contains(what, "dense")) << optimizer << ": no layer is named: " << what;
    EXPECT_TRUE(contains(what, concat("step ", steps + 1))) << what;
    EXPECT_TRUE(contains(what, "--lr")) << what;
    EXPECT_GE(steps, 1);
    for (const float w : trainer.model().parameters.span()) ASSERT_TRUE(std::isfinite(w));
    EXPECT_TRUE(model::encode(trainer.state()) == state) << "the refused step left a trace";
  }
}

TEST(Trainer, SaysWhenTheDataAreNotFinite) {
  data::Dataset data = sums();
  ThreadPool threads(1);
  Options o = toy_options();
  o.model = "2 : dense 4 | relu | dense 2";
  o.validation = 0;
  o.batch = 300;
  Trainer trainer(o, data, threads);
  data.train.values[17] = std::nanf("");
  const std::string before = model::encode(model::to_file(trainer.model()));
  std::string what;
  try {
    trainer.train_epoch();
  } catch (const NonFinite& error) {
    what = error.what();
  }
  EXPECT_TRUE(contains(what, "the data")) << what;
  EXPECT_TRUE(model::encode(model::to_file(trainer.model())) == before);
}

TEST(Trainer, RefusesDataThatContradictThemselves) {
  ThreadPool threads(1);
  const auto says = [&](const std::function<void(data::Dataset&)>& change) {
    data::Dataset data = moons();
    change(data);
    return error_of([&] { Trainer(toy_options(), data, threads); });
  };
  EXPECT_EQ(says([](data::Dataset&) {}), "");
  EXPECT_EQ(says([](data::Dataset& d) { d.test = {}; }), "");
  const std::string ones = says([](data::Dataset& d) {
    for (std::int32_t& label : d.train.labels) ++label;
  });
  EXPECT_TRUE(contains(ones, "the training split of moons")) << ones;
  EXPECT_TRUE(contains(ones, "has the label 2")) << ones;
  const std::string large = says([](data::Dataset& d) { d.train.labels[7] = 1 << 24; });
  EXPECT_TRUE(contains(large, "sample 7 has the label 16777216")) << large;
  const std::string cut = says([](data::Dataset& d) { d.train.values.resize(2 * 399); });
  EXPECT_TRUE(contains(cut, "sample 399 is the first")) << cut;
  const std::string bare = says([](data::Dataset& d) { d.train.labels.clear(); });
  EXPECT_TRUE(contains(bare, "neither labels nor targets")) << bare;
}

TEST(Trainer, HasWhatItStartedFromAsTheBestUntilAnEpochIsFinished) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  const TemporaryFolder scratch;
  for (const double ema : {0.0, 0.9}) {
    Options o = toy_options();
    o.model = "2 : dense 16 | identity | dense 2";
    o.ema = ema;
    o.seed = 7;
    const std::string other = (scratch / "other.safetensors").string();
    model::save(other, model::to_file(Trainer(o, data, threads).model()));
    o.seed = 1;
    o.lr = 1e30;
    o.optimizer = "sgd";
    o.schedule = Schedule::constant;
    o.weights = other;
    Trainer trainer(o, data, threads);
    const auto expect_start = [&](const model::Model& start) {
      EXPECT_EQ(trainer.best_epoch(), 0);
      EXPECT_TRUE(same_bits(trainer.best_model().parameters.span(), start.parameters.span()));
    };
    expect_start(trainer.last_model());
    EXPECT_EQ(trainer.evaluate_test(true).loss, trainer.evaluate_test(false).loss);
    const model::Model drawn = trainer.last_model();
    trainer.take_weights();
    const model::Model start = trainer.last_model();
    EXPECT_FALSE(same_bits(drawn.parameters.span(), start.parameters.span()));
    expect_start(start);
    const double error = trainer.evaluate_test(true).error;
    EXPECT_THROW(trainer.train_epoch(), NonFinite);
    expect_start(start);
    EXPECT_EQ(trainer.evaluate_test(true).error, error);
  }
}

TEST(Trainer, OfAnOldStateBeforeTheFirstEpochHasItsStartAsTheBest) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Trainer trainer(toy_options(), data, threads);
  model::TensorFile state = trainer.state();
  for (auto& [label, tensor] : state.tensors)
    if (label.starts_with("best/")) std::ranges::fill(tensor.values, 0.0f);
  trainer.restore(state, {});
  const model::Model best = trainer.best_model(), last = trainer.last_model();
  EXPECT_TRUE(same_bits(best.parameters.span(), last.parameters.span()));
}

TEST(Trainer, SaysWhichLayerIsNotThere) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Trainer trainer(toy_options(), data, threads);
  const std::vector<std::uint32_t> rows = {0};
  EXPECT_EQ(trainer.best_outputs_of("relu1", rows).size(), 16u);
  const std::string says = error_of([&] { trainer.best_outputs_of("relu7", rows); });
  EXPECT_TRUE(contains(says, "'relu7'") && contains(says, "'relu1'")) << says;
}

TEST(Trainer, TakesNetworksByTheirNames) {
  const data::Dataset data = digits(60, 10);
  ThreadPool threads(1);
  Options o;
  o.data = "glyphs";
  o.model = "lenet5";
  suit(o, data);
  const Trainer trainer(o, data, threads);
  EXPECT_EQ(graph::model_text(trainer.model().graph), trainer.options().model);
  o.model = "lenet";
  const std::string says = error_of([&] { Trainer(o, data, threads); });
  EXPECT_TRUE(contains(says, "lenet5")) << says;
}

TEST(Trainer, StopsWhenNoEpochWasBetterForItsPatience) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Options o = toy_options();
  o.epochs = 50;
  o.patience = 3;
  o.lr = 1e-30;  // nothing changes, so the first epoch stays the best
  o.weight_decay = 0;
  Trainer trainer(o, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  EXPECT_EQ(trainer.best_epoch(), 1);
  EXPECT_EQ(trainer.history().size(), 4u);
}

TEST(Trainer, KeepsTheModelOfTheLowestValidationError) {
  const data::Dataset data = moons(200, 200);
  ThreadPool threads(2);
  Options o = toy_options();
  o.epochs = 12;
  o.lr = 0.3;  // restless
  o.schedule = Schedule::constant;
  o.validation = 0.3;
  Trainer trainer(o, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  const auto key = [](const EpochRecord& r) {
    return std::pair(r.validation_error, r.validation_loss);
  };
  const auto best = std::ranges::min_element(trainer.history(), {}, key);
  EXPECT_EQ(trainer.best_epoch(), best->epoch);
  EXPECT_LT(trainer.best_epoch(), o.epochs) << "the last epoch is the best: choose other data";
  const model::Evaluation again = trainer.evaluate_validation(true);
  EXPECT_EQ(again.error, best->validation_error);
  EXPECT_EQ(again.loss, best->validation_loss);
  EXPECT_EQ(trainer.evaluate_validation(false).error, trainer.history().back().validation_error);
  const model::Model kept = trainer.best_model();
  EXPECT_FALSE(same_bits(kept.parameters.span(), trainer.model().parameters.span()));
  EXPECT_EQ(kept.loss, "softmax_cross_entropy");
  EXPECT_EQ(kept.class_names, data.class_names);
}

TEST(Trainer, ClipsTheGradientToItsNorm) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Options o = toy_options();
  o.optimizer = "sgd";
  o.weight_decay = 0;
  o.batch = 400;
  o.lr = 0.5;
  const auto change = [&](double clip) {
    o.clip_norm = clip;
    Trainer trainer(o, data, threads);
    const std::vector<float> before(trainer.model().parameters.span().begin(),
                                    trainer.model().parameters.span().end());
    trainer.train_epoch();
    double squares = 0;
    for (std::size_t i = 0; i < before.size(); ++i)
      squares += std::pow(trainer.model().parameters.span()[i] - before[i], 2);
    return std::sqrt(squares);
  };
  const double free = change(0);
  EXPECT_GT(free, 0.5 * 0.02);
  EXPECT_NEAR(change(0.01), 0.5 * 0.01, 1e-6);
  EXPECT_EQ(change(1e6), free) << "a norm below the limit is left alone";
}

TEST(Trainer, CountsExactZerosAndDeadUnits) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Options o = toy_options();
  o.model = "2 : dense 70 | relu | dense 40 | tanh | dense 2";
  o.lr = 1e-30;
  o.weight_decay = 0;
  Trainer trainer(o, data, threads);
  trainer.train_epoch();
  const std::vector<LayerRecord>& layers = trainer.history()[0].layers;
  ASSERT_EQ(layers.size(), 2u);
  EXPECT_EQ(layers[0].label, "relu1");
  EXPECT_NEAR(layers[0].exact_zeros, 0.5, 0.2);
  EXPECT_LT(layers[0].dead_units, 0.1);
  EXPECT_EQ(layers[1].exact_zeros, 0);
  EXPECT_EQ(layers[1].dead_units, 0);
  // A bias of -1000 kills half of the first layer.
  model::TensorFile state = trainer.state();
  for (int u = 0; u < 35; ++u) state.tensors["parameter/dense1.bias"].values[u] = -1000;
  trainer.restore(state, trainer.history());
  trainer.train_epoch();
  EXPECT_GE(trainer.history()[1].layers[0].dead_units, 0.5);
  EXPECT_GE(trainer.history()[1].layers[0].exact_zeros, 0.5);
}

TEST(Trainer, EvaluatesWithoutDropout) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Options o = toy_options();
  o.model = "2 : dense 16 | relu | dropout 0.9 | dense 2";
  Trainer trainer(o, data, threads);
  trainer.train_epoch();
  EXPECT_EQ(trainer.evaluate_test(false).loss, trainer.evaluate_test(false).loss);
  EXPECT_EQ(trainer.evaluate_validation(false).loss, trainer.history()[0].validation_loss);
  EXPECT_LT(trainer.history()[0].validation_loss, trainer.history()[0].train_loss);
}

}  // namespace
}  // namespace rectify::train
