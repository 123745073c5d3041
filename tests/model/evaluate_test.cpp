// What an evaluator and answer() refuse, and what they answer without labels.

#include "rectify/model/evaluate.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string>
#include <vector>

#include "rectify/model/answers.h"
#include "rectify/model/model.h"
#include "tests/helpers.h"

namespace rectify::model {
namespace {

data::Dataset points(std::size_t count, std::int64_t features = 4) {
  data::Dataset d{.spec = "points", .sample_shape = Shape{features}};
  d.class_names = {"a", "b", "c"};
  d.test.count = count;
  d.test.values.assign(count * d.features(), 1.0f);
  for (std::size_t i = 0; i < count; ++i) d.test.labels.push_back(static_cast<std::int32_t>(i % 3));
  return d;
}

Model ones(const std::string& text = "4 : dense 5 | relu | dense 3") {
  Model model(text);
  std::ranges::fill(model.parameters.span(), 1.0f);
  model.loss = "softmax_cross_entropy";
  model.class_names = {"a", "b", "c"};
  return model;
}

class Evaluations : public testing::Test {
 protected:
  Evaluator evaluator_on(const data::Dataset& dataset) {
    return {model_.graph, model_.layout, model_.parameters.data(), model_.loss, dataset, threads_};
  }

  std::string refusal_of(const data::Dataset& dataset) {
    return error_of([&] { evaluator_on(dataset); });
  }

  ThreadPool threads_{1};
  Model model_ = ones();
};

TEST_F(Evaluations, AreNotOfDataThatDoNotFitTheNetwork) {
  EXPECT_EQ(refusal_of(points(7)), "");
  EXPECT_TRUE(contains(refusal_of(points(7, 200000)), "wants 4 inputs"));
  data::Dataset more = points(7);
  more.class_names.push_back("d");
  EXPECT_TRUE(contains(refusal_of(more), "3 outputs but points has 4 classes"));
  data::Dataset labels = points(7);
  labels.test.labels[2] = 3;
  EXPECT_TRUE(contains(refusal_of(labels), "sample 2 has the label 3"));
}

TEST_F(Evaluations, AreNotOfSamplesThatAreNotThere) {
  const data::Dataset data = points(7);
  Evaluator evaluator = evaluator_on(data);
  const std::vector<std::uint32_t> beyond = {0, 7};
  const auto says = [&](const data::Split& split, std::span<const std::uint32_t> samples) {
    return error_of([&] { evaluator.evaluate(split, samples, {}, false); });
  };
  EXPECT_EQ(says(data.test, all_samples(7)), "");
  EXPECT_EQ(says(data.train, {}), "");
  EXPECT_TRUE(contains(says(data.test, beyond), "no sample 7"));
  EXPECT_TRUE(contains(error_of([&] { evaluator.outputs_of("relu1", data.test, beyond, {}); }),
                       "no sample 7"));
  data::Split other = data.test;
  EXPECT_EQ(says(other, all_samples(7)), "");
  other.labels[4] = -1;
  EXPECT_TRUE(contains(says(other, all_samples(7)), "sample 4 has the label -1"));
  other.labels.clear();
  EXPECT_TRUE(contains(says(other, all_samples(7)), "without labels"));
}

TEST_F(Evaluations, OfNoSamplesHaveNoErrorAndNoLoss) {
  const data::Dataset data = points(7);
  for (const bool watch : {false, true}) {
    const Evaluation none = evaluator_on(data).evaluate(data.train, {}, {}, watch);
    EXPECT_EQ(none.samples, 0u);
    EXPECT_TRUE(std::isnan(none.error));
    EXPECT_TRUE(std::isnan(none.loss));
  }
}

TEST_F(Evaluations, ReadNoLayerThatTheNetworkDoesNotHave) {
  const data::Dataset data = points(7);
  Evaluator evaluator = evaluator_on(data);
  const auto read = [&](const std::string& label) {
    return evaluator.outputs_of(label, data.test, all_samples(7), {});
  };
  EXPECT_EQ(read("relu1"), std::vector<float>(7 * 5, 5.0f));
  EXPECT_EQ(read("dense1"), std::vector<float>(7 * 5, 5.0f)) << "what the activation reads";
  EXPECT_EQ(read("dense2"), std::vector<float>(7 * 3, 26.0f));
  const std::string near = error_of([&] { read("relu2"); });
  EXPECT_TRUE(contains(near, "'relu2'")) << near;
  EXPECT_TRUE(contains(near, "did you mean 'relu1'?")) << near;
  const std::string far = error_of([&] { read("softmax of the head"); });
  EXPECT_TRUE(contains(far, "relu1")) << far;
}

TEST(Answers, NeedNoLabels) {
  ThreadPool threads(1);
  Model model = ones();
  data::Split split = points(7).test;
  const Answers labelled = answer(model, split, all_samples(7), {}, threads);
  EXPECT_EQ(labelled.outputs, std::vector<float>(7 * 3, 26.0f));
  split.labels.clear();
  EXPECT_EQ(answer(model, split, all_samples(7), {}, threads).outputs, labelled.outputs);
  split.targets.assign(7, 0.5f);  // of another task
  EXPECT_EQ(answer(model, split, all_samples(7), {}, threads).outputs, labelled.outputs);
  EXPECT_EQ(answer(model, {}, {}, {}, threads).count, 0u);
}

TEST(Answers, OfSequencesAreTheSameWithAndWithoutLabels) {
  ThreadPool threads(1);
  Model model = ones("2 : embedding 3 4 | dense 3");
  data::Split split{.count = 2, .bytes = {0, 2, 1, 1}};
  const Answers bare = answer(model, split, all_samples(2), {}, threads);
  EXPECT_EQ(bare.outputs, std::vector<float>(2 * 2 * 3, 5.0f));
  split.labels = {2, 1, 1, 0};
  EXPECT_EQ(answer(model, split, all_samples(2), {}, threads).outputs, bare.outputs);
}

TEST(Answers, AreNotOfSamplesThatDoNotFit) {
  ThreadPool threads(1);
  Model model = ones();
  const auto says = [&](const data::Split& split, std::span<const std::uint32_t> samples) {
    return error_of([&] { answer(model, split, samples, {}, threads); });
  };
  const data::Split narrow{.count = 2, .values = std::vector<float>(6, 1.0f)};
  EXPECT_TRUE(contains(says(narrow, all_samples(2)), "sample 1 is the first"));
  const data::Split wide{.count = 2, .bytes = std::vector<std::uint8_t>(10)};
  EXPECT_TRUE(contains(says(wide, all_samples(2)), "'bytes' holds 10"));
  const data::Split right{.count = 2, .values = std::vector<float>(8, 1.0f)};
  const std::vector<std::uint32_t> fifth = {5};
  EXPECT_EQ(says(right, all_samples(2)), "");
  EXPECT_TRUE(contains(says(right, fifth), "no sample 5"));
}

}  // namespace
}  // namespace rectify::model
