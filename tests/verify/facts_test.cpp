#include "rectify/verify/facts.h"

#include <gtest/gtest.h>

#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

/// Hidden numbers x + y - 3, x - y and -x - 5; outputs 2 relu(first) + 1 and relu(second).
model::Predictor small() {
  model::Model model("2 : dense 3 | relu | dense 2");
  set_parameter(model, "dense1.weight", {1, 1, -1, 1, -1, 0});
  set_parameter(model, "dense1.bias", {-3, 0, -5});
  set_parameter(model, "dense2.weight", {2, 0, 0, 1, 0, 0});
  set_parameter(model, "dense2.bias", {1, 0});
  return model::Predictor(std::move(model));
}

TEST(DeadUnits, AreThoseThatNoInputOfTheBoxWakes) {
  const model::Predictor predictor = small();
  const auto dead = [&](const Box& box) { return dead_units(predictor, box).at(0).numbers; };
  EXPECT_EQ(dead({{0, 0}, {1, 1}}), (std::vector<std::size_t>{0, 2}));
  EXPECT_EQ(dead({{0, 0}, {2, 1.5}}), std::vector<std::size_t>{2});
  EXPECT_EQ(dead({{-6, 2}, {-5.5, 3}}), (std::vector<std::size_t>{0, 1}));
  EXPECT_EQ(dead_units(predictor, {{0, 0}, {1, 1}}).at(0).label, "relu1");
  EXPECT_EQ(dead_units(predictor, {{0, 0}, {1, 1}}).at(0).of, 3u);
}

TEST(OutputRanges, HoldWhatCanBeReached) {
  const model::Predictor predictor = small();
  // Both hidden numbers are positive on the box: 2 x + 2 y - 5 and x - y.
  const auto ranges = output_ranges(predictor, {{3, 1}, {4, 2}});
  ASSERT_EQ(ranges.size(), 2u);
  EXPECT_NEAR(ranges[0].low, 3, 1e-4);
  EXPECT_NEAR(ranges[0].high, 7, 1e-4);
  EXPECT_NEAR(ranges[1].low, 1, 1e-4);
  EXPECT_NEAR(ranges[1].high, 3, 1e-4);
  EXPECT_LE(ranges[0].low, 3);
  EXPECT_GE(ranges[0].high, 7);
}

TEST(OutputRanges, SayWhichBoxDoesNotFit) {
  const model::Predictor predictor = small();
  const auto text = [&](const Box& box) {
    return error_of([&] { output_ranges(predictor, box); });
  };
  EXPECT_TRUE(contains(text({{0}, {1}}), "takes 2"));
  EXPECT_TRUE(contains(text({{0, 2}, {1, 1}}), "input 1"));
  EXPECT_TRUE(contains(text({{0, 0}, {1, 1e38}}), "overflow"));
}

}  // namespace
}  // namespace rectify::verify
