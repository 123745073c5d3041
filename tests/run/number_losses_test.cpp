// The losses of numbers at their kinks, by hand.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rectify/graph/text.h"
#include "rectify/run/plan.h"

namespace rectify::run {
namespace {

struct Result {
  float loss;
  std::vector<float> gradient;
};

/// The loss of answers z to targets t, a sample each, and its gradient.
Result result_of(const char* loss, const std::vector<float>& z, const std::vector<float>& t) {
  graph::Graph g;
  const Type number{.shape = Shape{1}};
  const graph::NodeId answers = g.add_input(number, "z"), targets = g.add_input(number, "t");
  const graph::NodeId value = g.add(loss, {answers, targets}, {}, "loss");
  const graph::NodeId slope =
      g.add(std::string(loss) + "_gradient", {answers, targets}, {}, "slope");
  g.result = value;
  const ParameterLayout none(g);
  ThreadPool threads(1);
  Plan plan(g, none, nullptr, threads,
            {.batch = static_cast<std::int64_t>(z.size()), .keep = {value, slope}});
  std::ranges::copy(z, plan.input(answers));
  std::ranges::copy(t, plan.input(targets));
  plan.run({});
  const auto gradient = plan.value(slope);
  return {plan.value(value)[0], {gradient.begin(), gradient.end()}};
}

TEST(NumberLosses, OfAbsoluteErrorsHaveTheSignAsTheirSlopeAndNoneAtZero) {
  // |3| + |0| + |-0.5| + |-2| = 5.5
  const Result r = result_of("mean_absolute_error", {4, 1, 0, 0}, {1, 1, 0.5, 2});
  EXPECT_FLOAT_EQ(r.loss, 5.5f / 4);
  EXPECT_EQ(r.gradient, (std::vector<float>{0.25, 0, -0.25, -0.25}));
}

TEST(NumberLosses, OfHuberAreSquaresUpToOneAndLinearBeyond) {
  // 0.5^2/2 = 0.125, 1/2 on the kink, 3 - 1/2 = 2.5, 2 - 1/2 = 1.5
  const Result r = result_of("huber", {0.5, 1, 3, -2}, {0, 0, 0, 0});
  EXPECT_FLOAT_EQ(r.loss, (0.125f + 0.5f + 2.5f + 1.5f) / 4);
  EXPECT_EQ(r.gradient, (std::vector<float>{0.125, 0.25, 0.25, -0.25}));
}

TEST(NumberLosses, AreNanForNan) {
  const float nan = std::numeric_limits<float>::quiet_NaN();
  for (const char* loss : {"mean_absolute_error", "huber"}) {
    const Result r = result_of(loss, {nan, 1}, {0, 0});
    EXPECT_TRUE(std::isnan(r.loss)) << loss;
    EXPECT_TRUE(std::isnan(r.gradient[0])) << loss;
  }
}

}  // namespace
}  // namespace rectify::run
