// What training does with the members of the family that are more than a function of x: learned
// and drawn numbers, gates, maxout.

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/base/file.h"
#include "rectify/graph/text.h"
#include "rectify/model/file.h"
#include "rectify/model/loss.h"
#include "rectify/model/model.h"
#include "rectify/model/safetensors.h"
#include "rectify/train/checkpoint/run_folder.h"
#include "rectify/train/initialise.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

Options varied_options() {
  Options o = toy_options();
  o.model =
      "2 : dense 16 | prelu | rrelu | dense 16 | geglu | noisy_relu | dense 16 | maxout 2 | "
      "log_softmax | dense 2";
  o.optimizer = "adam";
  o.lr = 1e-2;
  o.l1 = 1e-4;
  o.max_norm = 3;
  return o;
}

std::span<const float> parameter(const model::Model& model, const std::string& label) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  return model.parameters.span().subspan(slot.offset, slot.size);
}

TEST(Family, LearnsWithEveryKindOfLayer) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Options o = varied_options();
  o.epochs = 25;
  Trainer trainer(o, data, threads);
  while (!trainer.finished()) trainer.train_epoch();
  EXPECT_LT(trainer.evaluate_test(true).error, 0.05);
  const std::vector<LayerRecord>& layers = trainer.history()[0].layers;
  std::vector<std::string> labels;
  for (const LayerRecord& layer : layers) labels.push_back(layer.label);
  EXPECT_EQ(labels, (std::vector<std::string>{"prelu1", "rrelu1", "noisy_relu1"}));
}

TEST(Family, GivesTheSameBytesForAnyNumberOfThreadsAndWhenResumed) {
  const data::Dataset data = moons();
  ThreadPool one(1), two(2), three(3);
  const TemporaryFolder scratch;
  const RunFolder whole = RunFolder::create(scratch / "whole", false);
  const RunFolder parts = RunFolder::create(scratch / "parts", false);
  const auto train_on = [](const RunFolder& folder, Trainer& trainer, int epochs) {
    for (int i = 0; i < epochs; ++i) {
      ASSERT_TRUE(trainer.train_epoch());
      save_epoch(folder, trainer);
    }
  };
  Trainer uninterrupted(varied_options(), data, two);
  train_on(whole, uninterrupted, 4);
  {
    Trainer first(varied_options(), data, one);
    train_on(parts, first, 2);
  }
  Trainer second(saved_options(parts), data, three);
  resume(parts, second);
  train_on(parts, second, 2);
  for (const char* name : {"model.safetensors", "best.safetensors", "state.safetensors"})
    EXPECT_TRUE(read_file(whole.file(name)) == read_file(parts.file(name))) << name;
}

TEST(Family, LearnedSlopesStartWhereTheItemSaysAndHaveNoDecay) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Options o = toy_options();
  o.model = "2 : dense 16 | prelu 0.1 | dense 2";
  o.optimizer = "sgd";
  o.weight_decay = 0;
  Trainer trainer(o, data, threads);
  for (const float a : parameter(trainer.model(), "prelu1.a")) EXPECT_EQ(a, 0.1f);
  trainer.train_epoch();
  const std::span<const float> learned = parameter(trainer.model(), "prelu1.a");
  EXPECT_GT(std::ranges::count_if(learned, [](float a) { return a != 0.1f; }), 8);
  // Behind a relu their gradient is exactly 0, so that only decay could change them.
  o.model = "2 : dense 16 | relu | prelu 0.1 | dense 2";
  o.weight_decay = 1;
  Trainer decaying(o, data, threads);
  while (!decaying.finished()) decaying.train_epoch();
  for (const float a : parameter(decaying.model(), "prelu1.a")) EXPECT_EQ(a, 0.1f);
  for (const float w : parameter(decaying.model(), "dense1.weight")) EXPECT_LT(std::abs(w), 0.3f);
}

TEST(Family, SwishsBetaAndElusAlphaAreLearnedWhereTheItemSaysSo) {
  const data::Dataset data = moons();
  ThreadPool threads(1);
  Options o = toy_options();
  o.model =
      "2 : dense 16 | silu learn=yes | dense 16 | elu 0.5 learn=yes | dense 16 | silu | dense 2";
  Trainer trainer(o, data, threads);
  for (const auto& [name, start] : {std::pair{"silu1.beta", 1.0f}, {"elu1.a", 0.5f}})
    for (const float a : parameter(trainer.model(), name)) EXPECT_EQ(a, start) << name;
  while (!trainer.finished()) trainer.train_epoch();
  for (const auto& [name, start] : {std::pair{"silu1.beta", 1.0f}, {"elu1.a", 0.5f}})
    EXPECT_GT(std::ranges::count_if(parameter(trainer.model(), name),
                                    [&](float a) { return a != start; }),
              8)
        << name;
  EXPECT_THROW(parameter(trainer.model(), "silu2.beta"), Error);
}

TEST(Family, AUnitIsDeadWhereItsOwnSlopeIsZero) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Options o = toy_options();
  o.model = "2 : dense 70 | prelu | dense 2";
  o.optimizer = "sgd";
  o.lr = 1e-30;
  o.weight_decay = 0;
  Trainer trainer(o, data, threads);
  trainer.train_epoch();
  EXPECT_EQ(trainer.history()[0].layers[0].dead_units, 0);
  model::TensorFile state = trainer.state();
  for (int u = 0; u < 70; ++u) state.tensors["parameter/dense1.bias"].values[u] = -1000;
  for (int u = 0; u < 42; ++u) {
    state.tensors["parameter/prelu1.a"].values[u] = 0;
    // Without a way to the loss, the slopes have no gradient and stay exactly 0.
    for (const int i : {2 * u, 2 * u + 1}) state.tensors["parameter/dense2.weight"].values[i] = 0;
  }
  trainer.restore(state, trainer.history());
  trainer.train_epoch();
  EXPECT_DOUBLE_EQ(trainer.history()[1].layers[0].dead_units, 42.0 / 70);
  EXPECT_DOUBLE_EQ(trainer.history()[1].layers[0].exact_zeros, 42.0 / 70);
}

TEST(Family, EvaluatesWithoutNoise) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Trainer trainer(varied_options(), data, threads);
  trainer.train_epoch();
  EXPECT_EQ(trainer.evaluate_test(false).loss, trainer.evaluate_test(false).loss);
  EXPECT_EQ(trainer.evaluate_validation(false).loss, trainer.history()[0].validation_loss);
}

TEST(Family, ModelsComeBackFromTheirFiles) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  Trainer trainer(varied_options(), data, threads);
  trainer.train_epoch();
  const model::TensorFile file = model::to_file(trainer.model());
  EXPECT_TRUE(file.tensors.contains("prelu1.a"));
  const model::Model model = model::from_file(file, "model");
  EXPECT_EQ(graph::model_text(model.graph), varied_options().model);
  EXPECT_TRUE(same_bits(model.parameters.span(), trainer.model().parameters.span()));
  model::TensorFile lacking = file;
  lacking.tensors.erase("prelu1.a");
  EXPECT_TRUE(contains(error_of([&] { model::from_file(lacking, "model"); }), "'prelu1.a'"));
}

TEST(Family, AnOutputThatIsSoftmaxAlreadyIsWarnedOf) {
  for (const char* item : {"softmax", "log_softmax", "prelu", "noisy_relu"}) {
    const graph::Graph graph = graph::parse_model(concat("2 : dense 2 | ", item));
    const std::vector<std::string> found = model::warnings(graph, "softmax_cross_entropy");
    ASSERT_EQ(found.size(), 1u) << item;
    EXPECT_TRUE(contains(found[0], concat("'| ", item, "'"))) << found[0];
    EXPECT_TRUE(model::warnings(graph, "mean_squared_error").empty()) << item;
  }
}

}  // namespace
}  // namespace rectify::train
