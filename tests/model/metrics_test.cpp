// Scores of classes: the values are those of scikit-learn 1.x (precision_recall_fscore_support,
// roc_auc_score of softmax probabilities, one class against the rest), or done by hand.

#include "rectify/model/metrics.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rectify::model {
namespace {

const std::vector<float> outputs = {2, 1,   0, 0, 3,   1,   1, 2.5, 2,   0.5, 0, 3,
                                    1, 1.5, 0, 0, 0.2, 0.1, 2, 0,   2.5, 3,   1, 1};
const std::vector<std::int32_t> labels = {0, 1, 2, 2, 0, 1, 0, 0};

TEST(ClassScores, AreThoseOfScikitLearn) {
  const auto scores = class_scores(outputs, labels, 3, "softmax_cross_entropy");
  const ClassScores expected[] = {{4, 1, 0.5, 2.0 / 3, 1},
                                  {2, 0.5, 1, 2.0 / 3, 0.8333333333},
                                  {2, 0.5, 0.5, 0.5, 0.8333333333}};
  ASSERT_EQ(scores.size(), 3u);
  for (std::size_t c = 0; c < 3; ++c) {
    SCOPED_TRACE(c);
    EXPECT_EQ(scores[c].samples, expected[c].samples);
    EXPECT_NEAR(scores[c].precision, expected[c].precision, 1e-9);
    EXPECT_NEAR(scores[c].recall, expected[c].recall, 1e-9);
    EXPECT_NEAR(scores[c].f1, expected[c].f1, 1e-9);
    EXPECT_NEAR(scores[c].auc, expected[c].auc, 1e-9);
  }
  const ClassScores mean = mean_scores(scores);
  EXPECT_EQ(mean.samples, 8);
  EXPECT_NEAR(mean.precision, 0.6666666667, 1e-9);
  EXPECT_NEAR(mean.f1, 0.6111111111, 1e-9);
}

TEST(ClassScores, RankByTheOutputWhereTheLossKnowsNoProbability) {
  // roc_auc_score of the outputs themselves.
  const auto scores = class_scores(outputs, labels, 3, "hinge");
  const double expected[] = {0.96875, 0.6666666667, 0.9166666667};
  for (std::size_t c = 0; c < 3; ++c) EXPECT_NEAR(scores[c].auc, expected[c], 1e-9);
}

TEST(ClassScores, OfASingleOutputCountTiesHalf) {
  // Class 1 has 0.5, 2 and -0.2, class 0 -1 and 0.5: of 6 pairs, 4 are in order and 1 is a tie.
  const auto scores =
      class_scores(std::vector<float>{0.5, -1, 2, -0.2f, 0.5},
                   std::vector<std::int32_t>{1, 0, 1, 1, 0}, 2, "sigmoid_cross_entropy");
  EXPECT_NEAR(scores[1].auc, 4.5 / 6, 1e-12);
  EXPECT_NEAR(scores[0].auc, 4.5 / 6, 1e-12);
  EXPECT_NEAR(scores[1].precision, 2.0 / 3, 1e-12);
  EXPECT_NEAR(scores[0].recall, 0.5, 1e-12);
}

TEST(ClassScores, HaveNoValueForAClassThatNobodyMeets) {
  const auto scores = class_scores(std::vector<float>{1, 0, 0, 2, 0, 0},
                                   std::vector<std::int32_t>{0, 0}, 3, "softmax_cross_entropy");
  EXPECT_TRUE(std::isnan(scores[0].auc)) << "nothing to tell it from";
  EXPECT_EQ(scores[0].f1, 1);
  for (const double figure : {scores[2].precision, scores[2].recall, scores[2].f1, scores[2].auc})
    EXPECT_TRUE(std::isnan(figure));
  EXPECT_EQ(mean_scores(scores).recall, 1);
}

TEST(Probabilities, AreSoftmaxOrSigmoid) {
  const auto three =
      probabilities(std::vector<float>{0, 0, std::log(2.0f)}, "softmax_cross_entropy");
  EXPECT_NEAR(three[0], 0.25, 1e-7);
  EXPECT_NEAR(three[2], 0.5, 1e-7);
  const auto two = probabilities(std::vector<float>{std::log(3.0f)}, "sigmoid_cross_entropy");
  EXPECT_NEAR(two[0], 0.25, 1e-7);
  EXPECT_NEAR(two[1], 0.75, 1e-7);
  EXPECT_TRUE(probabilities(outputs, "hinge").empty());
  const auto huge = probabilities(std::vector<float>{1e30f, 0}, "softmax_cross_entropy");
  EXPECT_EQ(huge[0], 1);
}

TEST(Wrongness, IsMinusTheLogarithmOfTheTrueClassProbability) {
  data::Split split{.count = 8, .labels = labels};
  const std::vector<std::uint32_t> all = {0, 1, 2, 3, 4, 5, 6, 7};
  const auto wrong = wrongness(outputs, split, all, "softmax_cross_entropy", {});
  // numpy: -log(softmax(outputs)[label])
  const double expected[] = {0.40760596, 0.16984602, 1.10413061, 0.12387296,
                             1.10413061, 1.00194285, 1.02390906, 0.23954477};
  for (std::size_t i = 0; i < 8; ++i) EXPECT_NEAR(wrong[i], expected[i], 1e-7) << i;
  const auto margins = wrongness(outputs, split, all, "hinge", {});
  EXPECT_NEAR(margins[0], -1, 1e-7);
  EXPECT_NEAR(margins[2], 0.5, 1e-7);
}

TEST(Wrongness, OfARegressionIsInTheUnitsOfTheLoss) {
  data::Split split{.count = 2, .targets = {10, 5, 14, 5}};
  data::Normalisation by;
  by.targets = {{.mean = 10, .scale = 0.5}, {.mean = 5, .scale = 1}};
  // The answers are 0.5 and 1 off in the first sample, 2 and 0 off in the second.
  const auto wrong = wrongness(std::vector<float>{0.5, 1, 0, 0}, split,
                               std::vector<std::uint32_t>{0, 1}, "mean_squared_error", by);
  EXPECT_NEAR(wrong[0], (0.25 + 1) / 2, 1e-6);
  EXPECT_NEAR(wrong[1], 4.0 / 2, 1e-6);
}

}  // namespace
}  // namespace rectify::model
