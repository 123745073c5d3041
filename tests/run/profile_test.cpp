#include "rectify/run/profile.h"

#include <gtest/gtest.h>

#include "rectify/run/plan.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

TEST(Profile, TellsEachStepsWorkAndCountsItsRuns) {
  ThreadPool threads(2);
  const std::string text = "19 : dense 33 | relu | dense 5";
  const Network n = network(text, softmax, 3, 1, Draw::grid);
  const graph::Graph forward = graph::parse_model(text);
  const ParameterLayout layout = n.layout();
  Buffer parameters(layout.floats());
  Plan plan(forward, layout, parameters.data(), threads,
            {.batch = 3, .keep = {forward.result}, .profile = true});
  plan.run({});
  plan.run({});
  ASSERT_EQ(plan.profile().size(), 2u);  // relu1 is computed along with dense1
  const StepProfile& first = plan.profile().front();
  EXPECT_EQ(first.label, "dense1");
  EXPECT_EQ(first.implementation, "oneDNN");
  EXPECT_EQ(first.shape, "3x33 by 19");
  EXPECT_EQ(first.fused, 1);
  EXPECT_EQ(first.flops, 2 * 3 * 19 * 33 + 3 * 33);
  EXPECT_EQ(first.bytes, 4 * (3 * 19 + 19 * 33 + 33 + 3 * 33 + 3 * 33));
  EXPECT_EQ(first.runs, 2);
  EXPECT_GT(first.seconds, 0);
}

TEST(Profile, TimesNothingThatNobodyAskedFor) {
  ThreadPool threads(1);
  const Network n = network("19 : dense 5", softmax, 3, 1, Draw::grid);
  const ParameterLayout layout = n.layout();
  Buffer parameters(layout.floats());
  const Plan plan(n.graph, layout, parameters.data(), threads,
                  {.batch = 3, .keep = {n.graph.result}});
  EXPECT_TRUE(plan.profile().empty());
}

TEST(Profile, AnObserverSeesStepsMadeAndRun) {
  ThreadPool threads(1);
  int made = 0, run = 0;
  observe_steps([&](const StepProfile& step) { ++(step.runs == 0 ? made : run); });
  const graph::Graph forward = graph::parse_model("19 : dense 5");
  const ParameterLayout layout(forward);
  Buffer parameters(layout.floats());
  Plan plan(forward, layout, parameters.data(), threads, {.batch = 1, .keep = {forward.result}});
  observe_steps({});
  plan.run({});
  EXPECT_EQ(made, 1);
  EXPECT_EQ(run, 1);
}

}  // namespace
}  // namespace rectify::run
