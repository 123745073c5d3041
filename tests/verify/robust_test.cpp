// Attacks, proofs and what becomes of samples, on networks small enough to know the answer.

#include "rectify/verify/robust.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/base/enumeration.h"
#include "tests/helpers.h"

namespace rectify::verify {
namespace {

/// y = (x0, -x0): the class is 0 where x0 > 0, and a sample is as far from the other class as |x0|.
model::Model halves() {
  model::Model model("2 : dense 2 | relu | dense 2");
  model.loss = "softmax_cross_entropy";
  model.class_names = {"right", "left"};
  // relu(x0), relu(-x0), their difference and its negative
  const std::vector<float> first = {1, -1, 0, 0}, second = {1, -1, -1, 1};
  const auto put = [&](const char* label, const std::vector<float>& numbers) {
    std::ranges::copy(
        numbers, model.parameters.data() + model.layout.slot_of(model.graph.find(label)).offset);
  };
  put("dense1.weight", first);
  put("dense2.weight", second);
  return model;
}

data::Dataset points(std::vector<float> x0, std::vector<std::int32_t> labels) {
  data::Dataset dataset;
  dataset.spec = "points";
  dataset.sample_shape = Shape{2};
  dataset.class_names = {"right", "left"};
  dataset.test.count = x0.size();
  for (const float x : x0) dataset.test.values.insert(dataset.test.values.end(), {x, 7.5f});
  dataset.test.labels = std::move(labels);
  return dataset;
}

TEST(Robust, FatesOfPointsNearABorder) {
  ThreadPool threads(2);
  const model::Predictor predictor(halves());
  const data::Dataset dataset = points({0.5f, 0.29f, 0.31f, -1, -0.25f, -0.1f}, {0, 0, 0, 1, 1, 0});
  RobustJudge judge(predictor, dataset, {dataset, 0.3}, Norm::inf, threads);
  const Fate want[] = {Fate::certified, Fate::attacked, Fate::certified,
                       Fate::certified, Fate::attacked, Fate::wrong};
  FateCounts counts;
  for (std::uint32_t i = 0; i < 6; ++i) {
    const auto fate = judge.look_at(dataset.test, i, {.seconds = 1000});
    ASSERT_TRUE(fate);
    EXPECT_EQ(fate->fate, want[i]) << i << " is " << name_of(fate->fate) << ": " << fate->why;
    EXPECT_EQ(fate->sample, i);
    EXPECT_EQ(fate->label, dataset.test.labels[i]);
    counts.add(*fate);
    if (fate->fate != Fate::attacked) continue;
    // The change is as large as allowed at most, and another class is what the predictor answers.
    EXPECT_EQ(fate->fallen_to, 1 - fate->label);
    std::vector<float> output(2);
    predictor.run(fate->changed, output);
    EXPECT_EQ(answer_of(output), fate->fallen_to);
    for (std::size_t k = 0; k < 2; ++k)
      EXPECT_LE(std::abs(double{fate->changed[k]} - dataset.test.values[2 * i + k]), 0.3);
  }
  EXPECT_EQ(counts.of(Fate::certified), 3u);
  EXPECT_DOUBLE_EQ(counts.share(Fate::wrong), 1.0 / 6);
}

TEST(Robust, ANormOfTwoIsALength) {
  ThreadPool threads(1);
  model::Model model("2 : dense 2");
  model.loss = "softmax_cross_entropy";
  model.class_names = {"right", "left"};
  const std::vector<float> weight = {1, -1, 1, -1};  // the border is x0 + x1 = 0
  std::ranges::copy(weight, model.parameters.data());
  const model::Predictor predictor(std::move(model));
  data::Dataset dataset = points({1, 1}, {0, 0});
  dataset.test.values = {0.25f, 0.25f, 0.5f, 0.25f};  // 0.354 and 0.530 from the border
  RobustJudge judge(predictor, dataset, {dataset, 0.4}, Norm::two, threads);
  const auto near = judge.look_at(dataset.test, 0, {.seconds = 1000}),
             far = judge.look_at(dataset.test, 1, {.seconds = 1000});
  ASSERT_TRUE(near && far);
  EXPECT_EQ(near->fate, Fate::attacked);
  EXPECT_LE(std::hypot(double{near->changed[0]} - 0.25, double{near->changed[1]} - 0.25), 0.4);
  // The box of 0.4 holds the corner (0.1, -0.15), which the ball does not.
  EXPECT_EQ(far->fate, Fate::undecided);
  EXPECT_TRUE(contains(far->why, "a longer one")) << far->why;
  RobustJudge smaller(predictor, dataset, {dataset, 0.3}, Norm::two, threads);
  EXPECT_EQ(smaller.look_at(dataset.test, 1, {.seconds = 1000})->fate, Fate::certified);
}

TEST(Robust, AttacksCrossAFlatMiddle) {
  // Confident answers: a softmax of these logits has no gradient left in float32.
  ThreadPool threads(1);
  model::Model model = halves();
  const auto& slot = model.layout.slot_of(model.graph.find("dense2.weight"));
  for (std::size_t i = 0; i < slot.size; ++i) model.parameters.data()[slot.offset + i] *= 1e4f;
  const model::Predictor predictor(std::move(model));
  SampleAttack attack(predictor, threads);
  const Neighbourhood around{.sample = {0.5f, 0},
                             .lower = {-0.1, -0.6},
                             .upper = {1.1, 0.6},
                             .norm = Norm::inf,
                             .radius = 0.6};
  const auto found = attack.find(around, 0);
  ASSERT_TRUE(found);
  EXPECT_LT(found->input[0], 0);
  EXPECT_TRUE(around.has(found->input));
}

TEST(Robust, StaysIsACaseForEachOtherClass) {
  const Neighbourhood around{.sample = {1}, .lower = {0}, .upper = {2}};
  const Property property = stays(around, 1, 3);
  ASSERT_EQ(property.cases.size(), 2u);
  EXPECT_EQ(property.cases[0].outputs.at(0).coefficients, (std::vector<double>{-1, 1, 0}));
  EXPECT_EQ(property.cases[1].outputs.at(0).coefficients, (std::vector<double>{0, 1, -1}));
  EXPECT_EQ(property.cases[1].outputs.at(0).bound, 0);
  EXPECT_EQ(property.cases[1].inputs.upper, (std::vector<double>{2}));
}

// Anything holds of no input, and no attack can find one.
TEST(Robust, RefusesANeighbourhoodWithoutInputs) {
  ThreadPool threads(1);
  const model::Predictor predictor(halves());
  const Neighbourhood none{.sample = {0.5f, 7}, .lower = {0.4, 7.5}, .upper = {0.6, 6.5}};
  const std::string want =
      "no change of the sample is allowed: number 1, which is 7, must be from 7.5 to 6.5; "
      "give ranges of which no lower end is above the upper";
  EXPECT_EQ(error_of([&] { stays(none, 0, 2); }), want);
  SampleAttack attack(predictor, threads);
  EXPECT_EQ(error_of([&] { attack.find(none, 0); }), want);

  // A point whose changes are said to be those of images, which end at 255.
  data::Dataset images = points({}, {});
  images.test.bytes = {1, 7};
  const data::Dataset bright = points({300}, {0});
  RobustJudge judge(predictor, bright, {images, 0.1}, Norm::inf, threads);
  EXPECT_TRUE(contains(error_of([&] { judge.look_at(bright.test, 0, {.seconds = 1000}); }),
                       "no change of the sample is allowed: number 0, which is 300"));
}

TEST(Robust, RefusesAPredictorOfRoundedWeights) {
  ThreadPool threads(1);
  const data::Dataset dataset = points({1}, {0});
  for (const auto weights : {run::WeightPrecision::bf16, run::WeightPrecision::int8}) {
    const model::Predictor predictor(halves(), weights);
    EXPECT_TRUE(contains(error_of([&] {
                           RobustJudge(predictor, dataset, {dataset, 0.1}, Norm::inf, threads);
                         }),
                         "the predictor keeps its weights as"));
  }
}

TEST(Robust, FatesAreReadBackFromTheirLines) {
  const SampleFate attacked{.sample = 12,
                            .label = 3,
                            .answer = 3,
                            .fate = Fate::attacked,
                            .fallen_to = 8,
                            .changed = {0.1f, -3e-8f, 255},
                            .sub_problems = 9,
                            .seconds = 0.25};
  EXPECT_EQ(fate_from_json(to_json(attacked)), attacked);
  const SampleFate open{.sample = 1,
                        .label = 0,
                        .answer = 0,
                        .fate = Fate::undecided,
                        .why = "no time",
                        .gap = 0.5,
                        .sub_problems = 7,
                        .seconds = 1};
  EXPECT_EQ(fate_from_json(to_json(open)), open);
  EXPECT_THROW(fate_from_json(to_json(open).substr(0, 30)), Error);
  EXPECT_THROW(fate_from_json(R"({"sample": 1})"), Error);
}

TEST(Robust, SaysWhichFatesAreNotOfTheseSamples) {
  const data::Dataset dataset = points({1, -1}, {0, 1});
  const SampleFate attacked{.sample = 1,
                            .label = 1,
                            .answer = 1,
                            .fate = Fate::attacked,
                            .fallen_to = 0,
                            .changed = {0.5f, 7.5f}};
  const auto why = [&](const auto& change) {
    SampleFate fate = attacked;
    change(fate);
    return error_of([&] { check_fits(fate, dataset, dataset.test); });
  };
  EXPECT_EQ(why([](SampleFate&) {}), "");
  EXPECT_EQ(why([](SampleFate& f) { f.sample = 2; }), "there is no sample 2 among 2");
  EXPECT_EQ(why([](SampleFate& f) { f.label = -1; }), "sample 1 has the label 1, not -1");
  EXPECT_EQ(why([](SampleFate& f) { f.answer = 2; }), "there is no class 2 among 2");
  EXPECT_EQ(why([](SampleFate& f) { f.fallen_to = -1; }), "there is no class -1 among 2");
  EXPECT_EQ(why([](SampleFate& f) { f.changed = {1}; }), "a sample has 2 numbers, not 1");
  EXPECT_EQ(why([](SampleFate& f) { f.changed[0] = std::nanf(""); }),
            "a changed sample has a number that is not finite");
  EXPECT_EQ(why([](SampleFate& f) { f.fate = Fate::certified, f.changed = {}; }), "");
}

TEST(Robust, RefusesDataOfOtherClasses) {
  ThreadPool threads(1);
  const model::Predictor predictor(halves());
  data::Dataset dataset = points({1}, {0});
  dataset.class_names.push_back("up");
  EXPECT_EQ(error_of([&] {
              RobustJudge(predictor, dataset, {dataset, 0.1}, Norm::inf, threads);
            }),
            "--robust wants a class for each output, but points has 3 classes and the network 2 "
            "outputs");
}

}  // namespace
}  // namespace rectify::verify
