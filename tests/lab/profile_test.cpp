#include "rectify/lab/profile.h"

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "rectify/model/model.h"

namespace rectify::lab {
namespace {

TEST(Profile, CoversEveryStepOfTraining) {
  ThreadPool threads(2);
  model::Model model("20 : dense 30 | relu | dense 5");
  const Profile found = profile(model, {.batch = 4, .seconds = 0.01}, threads);
  EXPECT_GT(found.runs, 0);
  double inside = 0;
  bool first_weight = false;
  for (const run::StepProfile& step : found.steps) {
    EXPECT_EQ(step.runs, found.runs) << step.label;
    inside += step.seconds;
    first_weight |= step.op == "dense_weight_gradient" && step.shape == "20x30 by 4";
  }
  EXPECT_TRUE(first_weight);
  EXPECT_LE(inside, found.seconds);
}

TEST(Profile, RefusesABatchOfNothing) {
  ThreadPool threads(1);
  model::Model model("20 : dense 5");
  EXPECT_THROW(profile(model, {.batch = 0}, threads), Error);
}

}  // namespace
}  // namespace rectify::lab
