#include "rectify/model/regression.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rectify::model {
namespace {

RegressionScores scores_of(const std::vector<float>& answers, const std::vector<float>& targets,
                           std::size_t width, const data::Normalisation& normalisation = {}) {
  RegressionTally tally(normalisation);
  for (std::size_t i = 0; i < answers.size(); i += width)
    tally.add(std::span(answers).subspan(i, width), std::span(targets).subspan(i, width));
  return tally.scores();
}

TEST(RegressionScores, AreThoseOfScikitLearn) {
  // sklearn.metrics: mean_absolute_error = 0.5, r2_score = 0.9486081370449679 of its manual's
  // example y_true = [3, -0.5, 2, 7], y_pred = [2.5, 0.0, 2, 8].
  const RegressionScores one = scores_of({2.5, 0, 2, 8}, {3, -0.5, 2, 7}, 1);
  EXPECT_DOUBLE_EQ(one.absolute_error, 0.5);
  EXPECT_NEAR(one.r2, 0.9486081370449679, 1e-12);
  // The mean is 2.875; the squares of 0.125, 3.375, 0.875 and 4.125 add up to 29.1875.
  EXPECT_NEAR(one.baseline, std::sqrt(29.1875 / 4), 1e-12);
  EXPECT_FALSE(one.constant);
  // Two numbers: y_true = [[0.5, 1], [-1, 1], [7, -6]], y_pred = [[0, 2], [-1, 2], [8, -5]]:
  // mean_absolute_error = 0.75, r2_score (uniform average) = 0.9368005266622779.
  const RegressionScores two = scores_of({0, 2, -1, 2, 8, -5}, {0.5, 1, -1, 1, 7, -6}, 2);
  EXPECT_DOUBLE_EQ(two.absolute_error, 0.75);
  EXPECT_NEAR(two.r2, 0.9368005266622779, 1e-12);
}

TEST(RegressionScores, UndoTheScalingAndTakeTheTrainingMeanForTheBaseline) {
  data::Normalisation normalisation;
  normalisation.targets = {{.mean = 10, .scale = 0.5}};
  // Answers 0 and 1 stand for 10 and 12; the training mean 10 misses 11 and 13 by 1 and 3.
  const RegressionScores scores = scores_of({0, 1}, {11, 13}, 1, normalisation);
  EXPECT_DOUBLE_EQ(scores.absolute_error, 1);
  EXPECT_DOUBLE_EQ(scores.baseline, std::sqrt(5.0));
  EXPECT_DOUBLE_EQ(scores.r2, 0);  // 1 - (1 + 1) / (1 + 1)
}

TEST(RegressionScores, NoticeAnAnswerThatIsAlwaysTheSame) {
  EXPECT_TRUE(scores_of({4, 4, 4}, {1, 2, 3}, 1).constant);
  EXPECT_FALSE(scores_of({4, 4, 4.001f}, {1, 2, 3}, 1).constant);
  EXPECT_TRUE(std::isnan(scores_of({4, 5}, {2, 2}, 1).r2));
}

}  // namespace
}  // namespace rectify::model
