// Mends: each keeps what the network computes, and does what it says.

#include "rectify/diagnose/heal/heal.h"

#include <cmath>

#include "rectify/diagnose/unit_figures.h"
#include "rectify/graph/text.h"
#include "rectify/model/evaluate.h"
#include "tests/diagnose/heal/helpers.h"
#include "tests/helpers.h"

namespace rectify::diagnose::healing {
namespace {

std::vector<LayerFigures> figures_of(const model::Model& model, const data::Dataset& dataset) {
  ThreadPool threads(1);
  return measure_units(model, dataset, dataset.train, model::all_samples(dataset.train.count),
                       threads);
}

/// Rows of a weight that read a unit of the layer before: all must be 0.
void expect_silent(const model::Model& model, const std::string& weight, std::size_t units,
                   std::size_t unit) {
  model::Model copy = copy_of(model);
  const ReaderRows rows = reader_rows(copy, copy.graph.find(weight));
  each_in_row(rows, units, unit, [&](std::size_t at) { EXPECT_EQ(rows.numbers[at], 0); });
}

/// Deads of the first layer are alive in `text`, and the answers have the same bits.
void expect_revived(const std::string& text, const Shape& samples) {
  SCOPED_TRACE(text);
  model::Model model = drawn(text);
  kill(model, "relu1", {0, 2, 5});
  const data::Dataset dataset = clouds(samples);
  ASSERT_EQ(figures_of(model, dataset)[0].count(Verdict::dead), 3);
  const Healed now = healed(model, dataset, {.mends = {"revive"}});
  ASSERT_EQ(now.reports.size(), 1u);
  EXPECT_EQ(now.reports[0].layers[0].done, (std::vector<std::int64_t>{0, 2, 5}));
  EXPECT_FALSE(now.reports[0].taken_back);
  EXPECT_EQ(now.measured.changed, 0u);
  EXPECT_EQ(now.test.changed, 0u);
  EXPECT_EQ(now.before.error, now.after.error);
  const LayerFigures layer = figures_of(now.model, dataset)[0];
  EXPECT_EQ(layer.count(Verdict::dead), 0);
  for (const std::size_t unit : {0, 2, 5}) {
    EXPECT_NEAR(layer.units[unit].firing, 0.5, 0.06);
    const std::string reader = text.find("conv 4") != std::string::npos ? "conv2" : "dense";
    const std::string weight = reader == "conv2" ? "conv2.weight" : "dense2.weight";
    expect_silent(now.model, weight, layer.units.size(), unit);
  }
  const auto alive = std::sqrt(layer.units[1].variance);
  EXPECT_NEAR(std::sqrt(layer.units[0].variance) / alive, 0.25, 0.2) << "a part of the usual";
}

TEST(Heal, RevivesDeadUnitsWithoutChangingABit) {
  expect_revived("3 : dense 8 | relu | dense 5 | relu | dense 2", Shape{3});
  expect_revived("3 : dense 8 | batch_norm | relu | dense 5 | relu | dense 2", Shape{3});
  expect_revived(
      "6x6x2 : conv 8 3x3 | batch_norm | relu | max_pool 2 | conv 4 3x3 | relu | "
      "flatten | dense 2",
      Shape{6, 6, 2});
}

TEST(Heal, RevivesALayerThatIsWhollyDeadAndTheOneAfterIt) {
  model::Model model = drawn("3 : dense 4 | relu | dense 4 | relu | dense 2");
  kill(model, "relu1", {0, 1, 2, 3});
  kill(model, "relu2", {0, 1, 2, 3});
  const data::Dataset dataset = clouds(Shape{3});
  const Healed now = healed(model, dataset, {.mends = {"revive"}});
  EXPECT_EQ(now.reports[0].done(), 8u);
  EXPECT_EQ(now.measured.changed, 0u);
  for (const LayerFigures& layer : figures_of(now.model, dataset))
    for (const UnitFigures& unit : layer.units) {
      EXPECT_NEAR(unit.firing, 0.5, 0.01) << layer.label;
      EXPECT_NEAR(unit.variance, 1, 1e-3) << layer.label;
    }
}

TEST(Heal, LeavesAUnitAloneThatNothingReaches) {
  model::Model model = drawn("2 : dense 3 | relu | dense 3 | relu | dense 2");
  set(model, "dense1.weight", {0, 0, 0, 0, 0, 0});
  set(model, "dense1.bias", {-1, -1, -1});
  data::Dataset dataset = clouds(Shape{2});
  std::ranges::fill(dataset.train.values, 1.0f);
  std::ranges::fill(dataset.test.values, 1.0f);
  const Healed now = healed(model, dataset, {.mends = {"revive"}});
  EXPECT_EQ(now.reports[0].done(), 0u);
  EXPECT_TRUE(contains(now.reports[0].layers[0].said, "nothing that varies reaches them"));
  EXPECT_EQ(get(now.model, "dense1.bias"), get(model, "dense1.bias"));
}

TEST(Heal, SaysOnHowManyInputsAUnitWasSilentAndWhatIsProven) {
  model::Model model = drawn("3 : dense 8 | relu | dense 2");
  kill(model, "relu1", {1, 4});
  const Healed now = healed(model, clouds(Shape{3}), {.mends = {"revive"}, .samples = 100});
  const std::string& said = now.reports[0].layers[0].said;
  EXPECT_TRUE(contains(said, "2 of 8 units never fired on 100 samples")) << said;
  EXPECT_TRUE(contains(said, "2.95 %")) << said;  // 1 - 0.05^(1/100)
  EXPECT_TRUE(contains(said, "2 proven never to")) << said;
  EXPECT_EQ(now.measured.samples, 100u);
}

TEST(Heal, NamesLayersThatItLeavesAlone) {
  model::Model model = drawn("3 : dense 6 | layer_norm | relu | dense 2");
  set(model, "layer_norm1.scale", {0, 0, 1, 1, 1, 1});
  set(model, "layer_norm1.shift", {-1, -1, 0, 0, 0, 0});
  const Healed now = healed(model, clouds(Shape{3}), {.mends = {"revive"}});
  EXPECT_TRUE(contains(now.reports[0].layers[0].said,
                       "left alone: layer_norm 'layer_norm1' before it is no dense or conv layer"))
      << now.reports[0].layers[0].said;
}

TEST(Heal, MergesUnitsThatGiveTheSame) {
  model::Model model = drawn("2 : dense 4 | relu | dense 2");
  set(model, "dense1.weight", {1, 2, 1, 1, -1, 0, -1, -1});
  set(model, "dense1.bias", {0.5f, 0, 0.5f, 0.5f});
  set(model, "dense2.weight", {1, 2, 3, 4, 10, 20, 100, 200});
  const Healed now = healed(model, clouds(Shape{2}), {.mends = {"merge"}});
  EXPECT_EQ(now.reports[0].layers[0].done, (std::vector<std::int64_t>{2, 3}));
  EXPECT_EQ(graph::model_text(now.model.graph), "2 : dense 2 | relu | dense 2");
  EXPECT_EQ(get(now.model, "dense1.weight"), (std::vector<float>{1, 2, -1, 0}));
  EXPECT_EQ(get(now.model, "dense2.weight"), (std::vector<float>{111, 222, 3, 4}));
  EXPECT_LE(now.test.largest, 1e-6 * now.test.scale);
  EXPECT_EQ(now.before.parameters, 22u);
  EXPECT_EQ(now.after.parameters, 12u);
}

TEST(Heal, TakesBackAMendThatChangesAnswers) {
  // Two units that differ by 3e-6 of their size, whose difference is the answer.
  model::Model model = drawn("2 : dense 2 | relu | dense 2");
  set(model, "dense1.weight", {1, 1 + 3e-6f, 0, 0});
  set(model, "dense1.bias", {0, 0});
  set(model, "dense2.weight", {1e6f, 0, -1e6f, 0});
  set(model, "dense2.bias", {0, 0});
  const Healed now = healed(model, clouds(Shape{2}), {.mends = {"merge"}});
  EXPECT_TRUE(now.reports[0].taken_back);
  EXPECT_EQ(get(now.model, "dense2.weight"), get(model, "dense2.weight"));
  EXPECT_EQ(now.measured.changed, 0u);
}

TEST(Heal, SwapsReluForAPreluOfSlopeZero) {
  model::Model model = drawn("3 : dense 8 | relu | dense 2");
  kill(model, "relu1", {3});
  const data::Dataset dataset = clouds(Shape{3});
  const Healed now = healed(model, dataset, {.mends = {"prelu"}});
  EXPECT_EQ(graph::model_text(now.model.graph), "3 : dense 8 | prelu a=0 | dense 2");
  EXPECT_EQ(now.measured.changed, 0u);
  EXPECT_EQ(now.test.changed, 0u);
  EXPECT_EQ(get(now.model, "dense2.weight"), get(model, "dense2.weight"));
  std::vector<float> weight = get(now.model, "dense1.weight"), old = get(model, "dense1.weight");
  for (std::size_t i = 0; i < weight.size(); ++i) EXPECT_EQ(weight[i] == old[i], i % 8 != 3) << i;
  // The silent unit's pre-activation was -1000 or so, and a slope's gradient is as large.
  const LayerFigures layer = figures_of(now.model, dataset)[0];
  EXPECT_LT(layer.units[3].largest, 0);
  EXPECT_GT(layer.units[3].smallest, -4);
}

TEST(Heal, ScalesPreActivationsToVarianceOne) {
  for (const char* text : {"3 : dense 8 | relu | dense 6 | leaky_relu | dense 2",
                           "3 : dense 8 bias=no | batch_norm | prelu | dense 2"}) {
    SCOPED_TRACE(text);
    const model::Model model = drawn(text);
    const data::Dataset dataset = clouds(Shape{3});
    const Healed now = healed(model, dataset, {.mends = {"rescale"}});
    EXPECT_FALSE(now.reports[0].taken_back);
    EXPECT_LE(now.test.largest, 1e-5 * now.test.scale);
    for (const LayerFigures& layer : figures_of(now.model, dataset))
      for (const UnitFigures& unit : layer.units) EXPECT_NEAR(unit.variance, 1, 1e-4);
  }
}

TEST(Heal, DoesNotScaleWhatAFactorDoesNotPassThrough) {
  const model::Model model = drawn("3 : dense 8 | relu6 | dense 8 | tanh | dense 2");
  const Healed now = healed(model, clouds(Shape{3}), {.mends = {"rescale"}});
  EXPECT_EQ(now.reports[0].done(), 0u);
  EXPECT_EQ(now.reports[0].layers[0].said, "left alone: a factor does not pass through relu6");
  EXPECT_EQ(now.measured.changed, 0u);
}

TEST(Heal, FoldsBatchNorms) {
  const model::Model model = drawn("3 : dense 8 | batch_norm | relu | batch_norm | dense 2");
  const Healed now = healed(model, clouds(Shape{3}), {.mends = {"fold"}});
  EXPECT_EQ(graph::model_text(now.model.graph),
            "3 : dense 8 | relu | batch_norm as batch_norm2 | dense 2");
  EXPECT_LE(now.test.largest, 1e-5 * now.test.scale);
  EXPECT_EQ(now.reports[0].layers[1].done.size(), 0u);
}

TEST(Heal, MakesTheUsualMendsWhereNobodySaysWhich) {
  const Healed now = healed(drawn("3 : dense 8 | relu | dense 2"), clouds(Shape{3}), {});
  ASSERT_EQ(now.reports.size(), 2u);
  EXPECT_EQ(now.reports[0].mend, "merge");
  EXPECT_EQ(now.reports[1].mend, "revive");
  EXPECT_EQ(now.reports[0].done() + now.reports[1].done(), 0u);
}

TEST(Heal, RefusesWhatItDoesNotKnow) {
  const model::Model model = drawn("3 : dense 8 | relu | dense 2");
  const data::Dataset dataset = clouds(Shape{3});
  EXPECT_EQ(error_of([&] { healed(model, dataset, {.mends = {"revife"}}); }),
            "there is no mend 'revife'; did you mean 'revive'?");
  EXPECT_TRUE(contains(error_of([&] {
                         healed(model, dataset, {.bounds = activation::Interval{1, 0}});
                       }),
                       "a low end and a high end, not 1 and 0"));
}

TEST(Heal, RefusesDataThatDoNotFit) {
  const model::Model model = drawn("3 : dense 8 | relu | dense 5");
  EXPECT_TRUE(contains(error_of([&] { healed(model, clouds(Shape{3}), {}); }), "5"));
  EXPECT_TRUE(contains(error_of([&] { healed(model, clouds(Shape{4}), {}); }), "3"));
}

TEST(Heal, GivesTheSameBitsForAnyNumberOfThreads) {
  model::Model model = drawn("6x6x2 : conv 8 3x3 | relu | flatten | dense 300 | relu | dense 2");
  kill(model, "relu1", {1, 2});
  kill(model, "relu2", {7, 200});
  const data::Dataset dataset = clouds(Shape{6, 6, 2});
  const HealOptions all{.mends = {"merge", "revive", "rescale"}};
  const Healed one = healed(model, dataset, all, 1), three = healed(model, dataset, all, 3);
  EXPECT_TRUE(same_bits(one.model.parameters.span(), three.model.parameters.span()));
}

}  // namespace
}  // namespace rectify::diagnose::healing
