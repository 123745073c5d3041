#include "rectify/model/views.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>
#include <vector>

#include "rectify/model/evaluate.h"
#include "tests/helpers.h"
#include "tests/toy_data.h"

namespace rectify::model {
namespace {

constexpr std::int64_t height = 4, width = 3;

std::vector<float> view_of(const Views& views, std::size_t view) {
  std::vector<float> image(height * width);
  std::iota(image.begin(), image.end(), 1.0f);
  views.apply(view, image.data());
  return image;
}

Views views_of(const std::string& list) { return {list, Shape{height, width, 1}}; }

TEST(Views, AreTheImageItsMirrorAndItsCorners) {
  EXPECT_EQ(Views().count(), 1u);
  EXPECT_EQ(views_of("").count(), 1u);
  EXPECT_EQ(views_of("flip").count(), 2u);
  EXPECT_EQ(views_of("crop 1").count(), 5u);
  EXPECT_EQ(views_of("flip, crop 1").count(), 10u);
  const Views views = views_of("flip, crop 1");
  EXPECT_EQ(view_of(views, 0), (std::vector<float>{1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}));
  EXPECT_EQ(view_of(views, 1), (std::vector<float>{0, 0, 0, 0, 1, 2, 0, 4, 5, 0, 7, 8}));
  EXPECT_EQ(view_of(views, 4), (std::vector<float>{5, 6, 0, 8, 9, 0, 11, 12, 0, 0, 0, 0}));
  EXPECT_EQ(view_of(views, 5), (std::vector<float>{3, 2, 1, 6, 5, 4, 9, 8, 7, 12, 11, 10}));
}

TEST(Views, RefuseWhatIsNoListAndWhatLeavesNothing) {
  EXPECT_THROW(views_of("mirror"), Error);
  EXPECT_THROW(views_of("cutout 2"), Error);
  EXPECT_THROW(views_of("crop 3"), Error);
  EXPECT_THROW(Views("flip", Shape{12}), Error);
}

/// Images whose class says in which half the bright place is, and the same ones mirrored.
data::Dataset images(bool mirrored) {
  data::Dataset d;
  d.spec = "halves";
  d.sample_shape = Shape{height, width, 1};
  d.class_names = {"left", "right"};
  d.train.count = d.test.count = 40;
  const Random random(4, 1);
  for (std::uint32_t i = 0; i < 40; ++i) {
    std::vector<float> image(height * width);
    for (std::size_t k = 0; k < image.size(); ++k)
      image[k] = static_cast<float>(random.normal(i * image.size() + k));
    if (mirrored) Views("flip", d.sample_shape).apply(1, image.data());
    for (data::Split* split : {&d.train, &d.test}) {
      split->values.insert(split->values.end(), image.begin(), image.end());
      split->labels.push_back(static_cast<std::int32_t>(i % 2));
    }
  }
  return d;
}

std::vector<float> outputs_of(const data::Dataset& data, Model& model, ThreadPool& threads) {
  Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss, data,
                      threads);
  return evaluator.outputs_of("dense1", data.test, all_samples(data.test.count), model.normalisation);
}

TEST(Views, AnswersAndLossAreOfTheMeans) {
  ThreadPool threads(2);
  const data::Dataset data = images(false), mirrored = images(true);
  Model model("4x3x1 : conv 3 3x3 | relu | flatten | dense 2");
  model.loss = "softmax_cross_entropy";
  const Random random(9, 1);
  for (std::size_t i = 0; i < model.parameters.size(); ++i)
    model.parameters.data()[i] = static_cast<float>(random.normal(i));
  const std::vector<float> a = outputs_of(data, model, threads),
                           b = outputs_of(mirrored, model, threads);
  ASSERT_NE(a, b);
  Evaluator evaluator(model.graph, model.layout, model.parameters.data(), model.loss, data,
                      threads);
  evaluator.average_over(Views("flip", data.sample_shape));
  const std::vector<std::uint32_t> rows = all_samples(data.test.count);
  const std::vector<float> means =
      evaluator.outputs_of("dense1", data.test, rows, model.normalisation);
  double loss = 0, wrong = 0;
  for (std::size_t i = 0; i < rows.size(); ++i) {
    const double z0 = (a[2 * i] + b[2 * i]) / 2.0, z1 = (a[2 * i + 1] + b[2 * i + 1]) / 2.0;
    EXPECT_NEAR(means[2 * i], z0, 1e-6);
    EXPECT_NEAR(means[2 * i + 1], z1, 1e-6);
    const double own = i % 2 == 0 ? z0 : z1, other = i % 2 == 0 ? z1 : z0;
    loss += std::log1p(std::exp(other - own)) / static_cast<double>(rows.size());
    wrong += (other > own) / static_cast<double>(rows.size());
  }
  const Evaluation e = evaluator.evaluate(data.test, rows, model.normalisation, true);
  EXPECT_NEAR(e.loss, loss, 1e-5);
  EXPECT_NEAR(e.error, wrong, 1e-9);
  EXPECT_EQ(e.layers.size(), 1u);
}

}  // namespace
}  // namespace rectify::model
