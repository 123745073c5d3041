// What is said of units, against numbers worked out by hand.

#include "rectify/diagnose/unit_figures.h"

#include <gtest/gtest.h>

#include <cmath>
#include <numeric>

#include "rectify/graph/activate.h"
#include "rectify/model/evaluate.h"

namespace rectify::diagnose {
namespace {

/// Points 0, 1, ..., n - 1 on a line, of one class each half.
data::Dataset line(std::size_t n) {
  data::Dataset dataset{.spec = "line", .sample_shape = Shape{1}, .class_names = {"a", "b"}};
  dataset.train.count = n;
  for (std::size_t i = 0; i < n; ++i) {
    dataset.train.values.push_back(static_cast<float>(i));
    dataset.train.labels.push_back(i < n / 2 ? 0 : 1);
  }
  return dataset;
}

void set(model::Model& model, const std::string& label, const std::vector<float>& values) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  ASSERT_EQ(slot.size, values.size());
  std::ranges::copy(values, model.parameters.data() + slot.offset);
}

std::vector<LayerFigures> figures_of(const model::Model& model, const data::Dataset& dataset,
                                     std::size_t threads = 1) {
  ThreadPool pool(threads);
  return measure_units(model, dataset, dataset.train, model::all_samples(dataset.train.count),
                       pool);
}

TEST(UnitFigures, SayWhatEachUnitDoes) {
  // On 0, 1, 2, 3: x - 1, -x, x + 1, 2 (x - 1), x - 1 again.
  model::Model model("1 : dense 5 | relu | dense 2");
  model.loss = "softmax_cross_entropy";
  set(model, "dense1.weight", {1, -1, 1, 2, 1});
  set(model, "dense1.bias", {-1, 0, 1, -2, -1});
  const auto layers = figures_of(model, line(4));
  ASSERT_EQ(layers.size(), 1u);
  const std::vector<UnitFigures>& units = layers[0].units;
  ASSERT_EQ(units.size(), 5u);
  EXPECT_EQ(units[0].verdict, Verdict::healthy);
  EXPECT_DOUBLE_EQ(units[0].firing, 0.5);  // 2 and 3; the derivative at 0 is 0
  EXPECT_DOUBLE_EQ(units[0].zeros, 0.5);
  EXPECT_DOUBLE_EQ(units[0].mean, 0.5);
  EXPECT_DOUBLE_EQ(units[0].variance, 1.25);
  EXPECT_DOUBLE_EQ(units[0].output_mean, 0.75);
  EXPECT_DOUBLE_EQ(units[0].output_square, 1.25);
  EXPECT_EQ(units[1].verdict, Verdict::dead);
  EXPECT_DOUBLE_EQ(units[1].largest, 0);
  EXPECT_DOUBLE_EQ(units[1].smallest, -3);
  EXPECT_EQ(units[2].verdict, Verdict::always_on);
  EXPECT_EQ(units[3].verdict, Verdict::healthy) << "twice as much is not the same";
  EXPECT_EQ(units[4].verdict, Verdict::duplicate);
  EXPECT_EQ(units[4].twin, 0);
  EXPECT_EQ(layers[0].label, "relu1");
  EXPECT_EQ(layers[0].weight, "dense1.weight");
  EXPECT_EQ(layers[0].count(Verdict::dead), 1);
}

TEST(UnitFigures, KeepTheirDigitsFarFromZero) {
  model::Model model("1 : dense 1 | relu | dense 2");
  model.loss = "softmax_cross_entropy";
  set(model, "dense1.weight", {1});
  set(model, "dense1.bias", {1e6});
  const auto layers = figures_of(model, line(4));
  EXPECT_DOUBLE_EQ(layers[0].units[0].variance, 1.25);
  EXPECT_DOUBLE_EQ(layers[0].units[0].mean, 1000001.5);
}

TEST(UnitFigures, CountASigmoidThatIsFlatAsSaturated) {
  model::Model model("1 : dense 3 | sigmoid | dense 2");
  model.loss = "softmax_cross_entropy";
  set(model, "dense1.weight", {1, 1, 0.04f});
  set(model, "dense1.bias", {5, -100, 0});
  const auto layers = figures_of(model, line(1000));
  EXPECT_EQ(layers[0].units[0].verdict, Verdict::saturated);
  EXPECT_EQ(layers[0].units[2].verdict, Verdict::healthy)
      << "flat for x > 109 alone, and yet: " << layers[0].units[2].flat;
}

TEST(UnitFigures, TakeAnEluFarToTheLeftForNearlyDead) {
  model::Model model("1 : dense 2 | elu | dense 2");
  model.loss = "softmax_cross_entropy";
  set(model, "dense1.weight", {-1, 1});
  set(model, "dense1.bias", {-9, 0});
  const auto layers = figures_of(model, line(100));
  EXPECT_EQ(layers[0].units[0].verdict, Verdict::nearly_dead);
  EXPECT_EQ(layers[0].units[1].verdict, Verdict::healthy);
}

TEST(UnitFigures, AreThoseOfChannelsInImages) {
  // A 1x1 convolution of images of 1 x 2: the channels are x and -x.
  data::Dataset dataset{.spec = "pairs", .sample_shape = Shape{1, 2, 1}, .class_names = {"a", "b"}};
  dataset.train = {.count = 2, .values = {1, 2, 3, -4}, .labels = {0, 1}};
  model::Model model("1x2x1 : conv 2 1x1 | relu | flatten | dense 2");
  model.loss = "softmax_cross_entropy";
  set(model, "conv1.weight", {1, -1});
  const auto layers = figures_of(model, dataset);
  ASSERT_EQ(layers[0].units.size(), 2u);
  EXPECT_EQ(layers[0].positions, 2);
  EXPECT_DOUBLE_EQ(layers[0].units[0].firing, 0.75);
  EXPECT_DOUBLE_EQ(layers[0].units[1].firing, 0.25);
  EXPECT_DOUBLE_EQ(layers[0].units[0].mean, 0.5);
  EXPECT_DOUBLE_EQ(layers[0].units[0].variance, 30 / 4.0 - 0.25);
  EXPECT_DOUBLE_EQ(layers[0].units[1].largest, 4);
}

TEST(UnitFigures, SayOverHowManyDirectionsALayerSpreads) {
  // Two units alike up to a factor are one direction; x and |x - 1.5| on 0 to 3 are uncorrelated.
  model::Model model("1 : dense 2 | relu | dense 2");
  model.loss = "softmax_cross_entropy";
  set(model, "dense1.weight", {1, 3});
  EXPECT_NEAR(figures_of(model, line(4))[0].effective_rank, 1, 1e-6);
}

TEST(UnitFigures, BoundTheRateOfAUnitThatNeverFired) {
  EXPECT_NEAR(firing_bound(1000), 0.002991, 1e-6);
  EXPECT_EQ(firing_bound(0), 1);
}

TEST(UnitFigures, AreTheSameForAnyNumberOfThreads) {
  model::Model model("1 : dense 700 | relu | dense 2");
  model.loss = "softmax_cross_entropy";
  std::vector<float> weights(700);
  std::iota(weights.begin(), weights.end(), -350.0f);
  set(model, "dense1.weight", weights);
  const data::Dataset dataset = line(1500);
  const auto one = figures_of(model, dataset, 1), three = figures_of(model, dataset, 3);
  for (std::size_t u = 0; u < 700; ++u) {
    EXPECT_EQ(one[0].units[u].variance, three[0].units[u].variance);
    EXPECT_EQ(one[0].units[u].verdict, three[0].units[u].verdict);
  }
}

}  // namespace
}  // namespace rectify::diagnose
