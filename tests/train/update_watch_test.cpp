#include "rectify/train/update_watch.h"

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/json.h"
#include "rectify/base/random.h"
#include "rectify/model/model.h"
#include "rectify/train/trainer.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

TEST(UpdateWatch, DividesTheChangeByTheWeight) {
  model::Model model("1 : dense 2 | relu | dense 1");
  float* const w = model.parameters.data();
  const auto at = [&](const char* label) {
    return w + model.layout.slot_of(model.graph.find(label)).offset;
  };
  at("dense1.weight")[0] = 3;
  at("dense1.weight")[1] = 4;
  UpdateWatch watch(model.layout);
  watch.before(w);
  at("dense1.weight")[1] = 4.5;  // |change| 0.5, |weight| 5
  at("dense2.weight")[0] = 1;    // it was 0
  const std::vector<double> ratios = watch.ratios(w);
  for (std::size_t i = 0; i < ratios.size(); ++i) {
    if (model.layout.slots()[i].label == "dense1.weight")
      EXPECT_NEAR(ratios[i], 0.1, 1e-7);
    else
      EXPECT_TRUE(std::isnan(ratios[i])) << model.layout.slots()[i].label;
  }
}

TEST(UpdateWatch, SeesALargeWeightAsAWhole) {
  // 1024 columns, a power of two: every 64th element would be of 16 columns alone.
  model::Model model("1024 : dense 1024 bias=no");
  const Random random(1);
  float* const w = model.parameters.data();
  const std::size_t count = model.layout.slots()[0].size;
  for (std::size_t i = 0; i < count; ++i) w[i] = static_cast<float>(random.normal(i));
  UpdateWatch watch(model.layout);
  watch.before(w);
  double change = 0, size = 0;
  for (std::size_t i = 0; i < count; ++i) {
    const double step = i % 16 == 3 ? 0.1 : 0;  // some columns move, the others stay
    size += w[i] * w[i];
    w[i] += static_cast<float>(step);
    change += step * step;
  }
  EXPECT_NEAR(watch.ratios(w)[0] / std::sqrt(change / size), 1, 0.02);
}

/// |after - before| / |before| of one weight.
double ratio_of(const model::Model& before, const model::Model& after, const std::string& label) {
  const run::ParameterSlot& slot = before.layout.slot_of(before.graph.find(label));
  double change = 0, size = 0;
  for (std::size_t i = slot.offset; i < slot.offset + slot.size; ++i) {
    change += std::pow(after.parameters.span()[i] - before.parameters.span()[i], 2);
    size += std::pow(before.parameters.span()[i], 2);
  }
  return std::sqrt(change / size);
}

TEST(EpochRecord, HasTheUpdateRatioOfEachWeight) {
  const data::Dataset data = moons();
  ThreadPool threads(2);
  for (const auto& [optimizer, accumulate] :
       {std::pair("nesterov", 1), {"adam", 1}, {"muon", 1}, {"sgd", 4}}) {
    SCOPED_TRACE(optimizer);
    Options o = toy_options();
    o.optimizer = optimizer;
    o.batch = 1000 / accumulate;  // one step an epoch
    o.accumulate = accumulate;
    Trainer trainer(o, data, threads);
    for (int epoch = 0; epoch < 2; ++epoch) {
      const model::Model before = trainer.last_model();
      trainer.train_epoch();
      const model::Model after = trainer.last_model();
      for (const GradientRecord& gradient : trainer.history().back().gradients) {
        ASSERT_TRUE(gradient.update_ratio) << gradient.weight;
        const double expected = ratio_of(before, after, gradient.weight);
        EXPECT_GT(expected, 0);
        EXPECT_NEAR(*gradient.update_ratio, expected, 1e-6 * expected) << gradient.weight;
      }
      const EpochRecord back = epoch_from_json(to_json(trainer.history().back()));
      EXPECT_EQ(back.gradients, trainer.history().back().gradients);
    }
  }
}

TEST(EpochRecord, HasTheSaturatedShareOfEachLayer) {
  // The activation sees the samples as they are stored. The derivative of tanh is 0.071 at 2, 0.027
  // at 2.5 and 0.0099 at 3; a twentieth of its largest is 0.05.
  data::Dataset d;
  d.spec = "four";
  d.sample_shape = Shape{2};
  d.class_names = {"a", "b"};
  for (data::Split* split : {&d.train, &d.test}) {
    split->count = 4;
    split->labels = {0, 1, 0, 1};
    split->values = {0, 2, 3, -3, -2.5, 1, 0.5, -0.5};
  }
  Options o = toy_options();
  o.validation = 0;
  o.normalise = data::Normaliser::none;
  ThreadPool threads(1);
  const auto share = [&](const char* text) {
    o.model = text;
    Trainer trainer(o, d, threads);
    trainer.train_epoch();
    const LayerRecord layer = trainer.history()[0].layers[0];
    EXPECT_EQ(epoch_from_json(to_json(trainer.history()[0])).layers[0].saturated, layer.saturated);
    return layer.saturated.value_or(-1);
  };
  EXPECT_EQ(share("2 : tanh | dense 2"), 3.0 / 8) << "3, -3 and -2.5: beyond 2.1783";
  EXPECT_EQ(share("2 : relu | dense 2"), 4.0 / 8) << "0, -3, -2.5, -0.5";
  EXPECT_EQ(share("2 : leaky_relu a=0.1 | dense 2"), 0);
}

TEST(EpochRecord, OfAnOlderProgramHasNeitherUpdatesNorSaturation) {
  const EpochRecord old = epoch_from_json(
      R"({"epoch":1,"lr":0.1,"train_loss":0.5,"train_error":0.25,"validation_loss":0.5,)"
      R"("validation_error":0.25,"seconds":1,"gradient_ratio":0.5,"gradients":{"dense1.weight":2},)"
      R"("layers":[{"label":"relu1","weight":"dense1.weight","exact_zeros":0.5,"dead_units":0}]})");
  EXPECT_FALSE(old.gradients[0].update_ratio);
  EXPECT_FALSE(old.layers[0].saturated);
  EXPECT_EQ(to_json(epoch_from_json(to_json(old))), to_json(old));
}

}  // namespace
}  // namespace rectify::train
