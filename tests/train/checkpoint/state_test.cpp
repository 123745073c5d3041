// Declared state: the running statistics of batch_norm through training, saving and evaluation.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"
#include "rectify/model/predictor.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

Options normalised_options() {
  Options o = toy_options();
  o.model =
      "2 : dense 16 | identity | batch_norm | relu | dense 12 | batch_norm affine=no | tanh | "
      "dense 2";
  return o;
}

std::vector<float> values_of(const model::Model& model, const std::string& label) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  const std::span<const float> values = model.parameters.span().subspan(slot.offset, slot.size);
  return {values.begin(), values.end()};
}

TEST(State, StartsFromNothingAndFollowsTheBatches) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Trainer trainer(normalised_options(), data, threads);
  EXPECT_EQ(values_of(trainer.model(), "batch_norm1.mean"), std::vector<float>(16, 0));
  EXPECT_EQ(values_of(trainer.model(), "batch_norm1.variance"), std::vector<float>(16, 1));
  for (int epoch = 0; epoch < 3; ++epoch) trainer.train_epoch();
  // What they started from is forgotten; the weights have changed a little since the last batches.
  const model::Model& model = trainer.model();
  model::Evaluator evaluator(model.graph, model.layout, const_cast<float*>(model.parameters.data()),
                             model.loss, data, threads);
  const std::vector<float> x =
      evaluator.outputs_of("identity1", data.train, trainer.partition().train, model.normalisation);
  const std::vector<float> mean = values_of(model, "batch_norm1.mean");
  const std::vector<float> variance = values_of(model, "batch_norm1.variance");
  for (std::size_t c = 0; c < 16; ++c) {
    double sum = 0, squares = 0;
    const auto n = static_cast<double>(x.size() / 16);
    for (std::size_t i = c; i < x.size(); i += 16) sum += x[i] / n;
    for (std::size_t i = c; i < x.size(); i += 16) squares += (x[i] - sum) * (x[i] - sum) / n;
    EXPECT_NEAR(mean[c], sum, 0.5 * std::sqrt(squares)) << c;
    EXPECT_NEAR(variance[c], squares, 0.6 * squares) << c;
  }
}

TEST(State, IsTheSameForFusedAndStoredSteps) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Trainer fused(normalised_options(), data, threads, true);
  Trainer stored(normalised_options(), data, threads, false);
  for (Trainer* trainer : {&fused, &stored})
    for (int epoch = 0; epoch < 2; ++epoch) trainer->train_epoch();
  EXPECT_TRUE(same_bits(fused.model().parameters.span(), stored.model().parameters.span()));
}

TEST(State, OfARefusedStepStays) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  for (const bool fused : {true, false}) {
    // The first step is taken and breaks the weights; the second is refused.
    Options o = normalised_options();
    o.optimizer = "sgd";
    o.model = "2 : batch_norm | dense 16 | relu | dense 2";
    o.lr = 1e30;
    Trainer trainer(o, data, threads, fused);
    EXPECT_THROW(trainer.train_epoch(), NonFinite);
    const std::vector<float> after = values_of(trainer.model(), "batch_norm1.mean");
    Options steady = o;
    steady.lr = 1e-3;
    Trainer other(steady, data, threads, fused);
    int steps = 0;
    other.train_epoch({}, [&] { return steps++ == 1; });
    // The input's statistics do not depend on the weights: those of one step, not of two.
    EXPECT_EQ(after, values_of(other.model(), "batch_norm1.mean")) << fused;
    EXPECT_EQ(values_of(trainer.model(), "batch_norm1.variance"),
              values_of(other.model(), "batch_norm1.variance"));
  }
}

TEST(State, IsNeitherDecayedNorClippedNorCounted) {
  const model::Model model("3 : dense 4 | batch_norm | dense 2");
  EXPECT_EQ(model.layout.count(), 3u * 4 + 4 + 2 * 4 + 4 * 2 + 2);
  ThreadPool threads(1);
  for (const std::string& name : optimiser_names()) {
    Options o = toy_options();
    o.optimizer = name;
    o.max_norm = 1e-3;
    o.weight_decay = 0.5;
    Optimiser optimiser(o, model.layout, threads);
    Buffer w(model.layout.floats()), g(model.layout.floats());
    std::ranges::fill(w.span(), 3.0f);
    std::ranges::fill(g.span(), 7.0f);
    const double norm = optimiser.norms(g.data()).total;
    EXPECT_NEAR(norm, 7 * std::sqrt(static_cast<double>(model.layout.count())), 1e-3) << name;
    optimiser.step(w.data(), g.data(), 0.1, 1);
    for (const run::ParameterSlot& slot : model.layout.slots())
      for (std::size_t i = 0; i < slot.size; ++i)
        EXPECT_EQ(w.data()[slot.offset + i] == 3.0f, slot.state) << name << ": " << slot.label;
  }
}

TEST(State, IsSavedWithTheModelAndRead) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Trainer trainer(normalised_options(), data, threads);
  trainer.train_epoch();
  const model::TensorFile file = model::to_file(trainer.model()), state = trainer.state();
  for (const char* label : {"batch_norm1.mean", "batch_norm2.variance"}) {
    EXPECT_TRUE(file.tensors.contains(label));
    EXPECT_TRUE(state.tensors.contains(std::string("parameter/") + label));
    EXPECT_TRUE(state.tensors.contains(std::string("best/") + label));
    EXPECT_FALSE(state.tensors.contains(std::string("optimizer0/") + label));
  }
  const model::Model read = model::from_file(file, "file");
  EXPECT_TRUE(same_bits(read.parameters.span(), trainer.model().parameters.span()));

  model::TensorFile without = file;
  without.tensors.erase("batch_norm2.mean");
  EXPECT_TRUE(contains(error_of([&] { model::from_file(without, "file"); }), "batch_norm2.mean"));

  // A predictor folds the second batch_norm; its answers are the evaluator's, alone and together.
  const model::Predictor predictor(model::from_file(file, "file"));
  std::vector<float> samples(data.test.values.begin(), data.test.values.begin() + 40);
  EXPECT_EQ(predictor.model().graph.all("batch_norm").size(), 1u);
  model::Evaluator evaluator(read.graph, read.layout, const_cast<float*>(read.parameters.data()),
                             read.loss, data, threads);
  const std::vector<float> want =
      evaluator.outputs_of("dense3", data.test, model::all_samples(20), read.normalisation);
  std::vector<float> together(40), alone(40);
  predictor.run(samples, together);
  for (std::size_t i = 0; i < 40; i += 2)
    predictor.run(std::span(samples).subspan(i, 2), std::span(alone).subspan(i, 2));
  for (std::size_t i = 0; i < 40; ++i) {
    EXPECT_NEAR(together[i], want[i], 1e-4);
    EXPECT_NEAR(alone[i], want[i], 1e-4);
  }
}

TEST(State, ALastBatchOfOneSampleIsRefusedBeforeTraining) {
  const data::Dataset data = moons(402, 20);  // 361 or 362 to train with
  ThreadPool threads(1);
  Options o = normalised_options();
  o.batch = 1;
  EXPECT_TRUE(contains(error_of([&] { Trainer(o, data, threads); }), "one by one"));
  const std::size_t samples = Trainer(normalised_options(), data, threads).partition().train.size();
  o.batch = static_cast<int>(samples) - 1;
  const std::string what = error_of([&] { Trainer(o, data, threads); });
  EXPECT_TRUE(contains(what, "leave 1 for the last batch")) << what;
  o.model = "2 : dense 16 | layer_norm | relu | dense 2";
  EXPECT_EQ(error_of([&] { Trainer(o, data, threads).train_epoch(); }), "");
}

}  // namespace
}  // namespace rectify::train
