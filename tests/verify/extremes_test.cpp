// Ranges and Lipschitz constants of outputs, against all linear pieces and against samples.

#include "rectify/verify/extremes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/verify/lipschitz.h"
#include "tests/helpers.h"
#include "tests/random_model.h"
#include "tests/verify/pieces.h"

namespace rectify::verify {
namespace {

// y = relu(x0) - 2 relu(x1 - 1) on [-1, 2] x [0, 3]: from 0 - 2 x 2 to 2.
model::Predictor two_hinges() {
  model::Model model("2 : dense 2 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1, 0, 0, 1});
  set_parameter(model, "dense1.bias", {0, -1});
  set_parameter(model, "dense2.weight", {1, -2});
  return model::Predictor(std::move(model));
}

const Box hinge_box = {{-1, 0}, {2, 3}};

TEST(Extremes, AreThoseOfHinges) {
  const model::Predictor predictor = two_hinges();
  const Extremes extremes = output_extremes(predictor, hinge_box, {.seconds = 10});
  ASSERT_EQ(extremes.outputs.size(), 1u);
  const OutputExtremes& y = extremes.outputs[0];
  EXPECT_TRUE(extremes.tight);
  EXPECT_LE(y.proven.low, -4);
  EXPECT_NEAR(y.proven.low, -4, 0.01);
  EXPECT_GE(y.proven.high, 2);
  EXPECT_NEAR(y.proven.high, 2, 0.01);
  EXPECT_NEAR(y.least, -4, 0.01);
  EXPECT_NEAR(y.greatest, 2, 0.01);
  std::vector<float> answer(1);
  predictor.run(y.at_least, answer);
  EXPECT_EQ(answer[0], y.least);
  predictor.run(y.at_greatest, answer);
  EXPECT_EQ(answer[0], y.greatest);
}

TEST(Extremes, HoldTheLeastAndTheGreatestOfAllPieces) {
  std::size_t tight = 0;
  for (std::uint64_t seed = 1; seed <= 40; ++seed) {
    model::Model model = random_model("2 : dense 6 | relu | dense 4 | hard_tanh | dense 2", seed);
    const PieceNetwork network(model, {"relu", "hard_tanh"});
    const model::Predictor predictor(std::move(model));
    const Box box = {{-1, -0.5}, {1, 2}};
    const Extremes extremes = output_extremes(predictor, box, {.seconds = 5, .threads = 1});
    tight += extremes.tight;
    for (std::size_t o = 0; o < 2; ++o)
      for (const double sign : {1.0, -1.0}) {
        const Look look = [&](std::span<const double> x, std::vector<double>& sides) {
          return std::vector<double>{sign * network.outputs(x, sides)[o]};
        };
        const double exact = least_of_largest(look, box.lower, box.upper).value;
        const OutputExtremes& y = extremes.outputs[o];
        EXPECT_LE(sign > 0 ? y.proven.low : -y.proven.high, exact) << "network " << seed;
        EXPECT_GE(sign > 0 ? y.least : -y.greatest, exact - 1e-5 * (1 + std::abs(exact)));
      }
  }
  EXPECT_GE(tight, 38u);
}

TEST(Extremes, NoSampleLeavesThemAtAnyTime) {
  const model::Predictor predictor(
      random_model("4 : dense 16 | relu | dense 16 | leaky_relu | dense 3", 5));
  const Box box = {{-1, -1, -1, -1}, {1, 1, 1, 1}};
  for (const double seconds : {1e-9, 1.0}) {
    const Extremes extremes = output_extremes(predictor, box, {.seconds = seconds});
    const Random random(3, 81);
    std::vector<float> x(4 * 20000), y(3 * 20000);
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(2 * random.uniform(i) - 1);
    predictor.run(x, y);
    for (std::size_t i = 0; i < y.size(); ++i) {
      ASSERT_GE(y[i], extremes.outputs[i % 3].proven.low);
      ASSERT_LE(y[i], extremes.outputs[i % 3].proven.high);
    }
  }
}

TEST(Lipschitz, AreTheSlopesOfHinges) {
  const model::Predictor predictor = two_hinges();
  const Lipschitz inf = lipschitz(predictor, hinge_box, Norm::inf, {.seconds = 10});
  EXPECT_TRUE(inf.tight);
  EXPECT_NEAR(inf.outputs.at(0).proven, 3, 1e-9);  // |1| + |-2|
  EXPECT_NEAR(inf.outputs.at(0).found, 3, 1e-9);
  const Lipschitz two = lipschitz(predictor, hinge_box, Norm::two, {.seconds = 10});
  EXPECT_NEAR(two.outputs.at(0).proven, std::sqrt(5), 1e-9);
  // Where the second relu is off, the slopes are 1 and 0.
  const Lipschitz part = lipschitz(predictor, {{-1, 0}, {2, 0.75}}, Norm::two, {.seconds = 10});
  EXPECT_NEAR(part.outputs.at(0).proven, 1, 1e-9);
}

// y = relu(x - 0.25) - 2 relu(-x) has the slopes 2, 0 and 1. If both relus could be on together it
// would be 3, which is what bounds say without divisions.
TEST(Lipschitz, DivideWhatIsNeverOnTogether) {
  model::Model model("1 : dense 2 | relu | dense 1");
  set_parameter(model, "dense1.weight", {-1, 1});
  set_parameter(model, "dense1.bias", {0, -0.25f});
  set_parameter(model, "dense2.weight", {-2, 1});
  const model::Predictor predictor(std::move(model));
  const Lipschitz found = lipschitz(predictor, {{-1}, {1}}, Norm::inf, {.seconds = 10});
  EXPECT_TRUE(found.tight);
  EXPECT_NEAR(found.outputs.at(0).proven, 2, 1e-9);
}

TEST(Lipschitz, NoPairIsSteeper) {
  for (const char* text : {"3 : dense 8 | relu | dense 8 | relu | dense 2",
                           "3 : dense 8 | prelu | dense 8 | maxout 2 | dense 2"})
    for (const Norm norm : {Norm::inf, Norm::two}) {
      const model::Predictor predictor(random_model(text, 9));
      const Network network = network_of(predictor);
      const Box box = {{-1, -1, -1}, {1, 1, 1}};
      const Lipschitz found = lipschitz(predictor, box, norm, {.seconds = 1});
      const Random random(4, 82);
      double steepest[2] = {};
      for (std::uint64_t n = 0; n < 5000; ++n) {
        std::vector<double> a(3), b(3);
        double change = 0;
        for (std::size_t i = 0; i < 3; ++i) {
          a[i] = 2 * random.uniform(6 * n + i) - 1;
          const double to = 2 * random.uniform(6 * n + 3 + i) - 1;
          b[i] = n % 2 ? to : a[i] + 0.05 * (to - a[i]);
          const double step = std::abs(b[i] - a[i]);
          change = norm == Norm::inf ? std::max(change, step) : std::hypot(change, step);
        }
        const auto y = outputs_at(network, a), z = outputs_at(network, b);
        for (std::size_t o = 0; o < 2; ++o)
          steepest[o] = std::max(steepest[o], std::abs(y[o] - z[o]) / change);
      }
      for (std::size_t o = 0; o < 2; ++o) {
        EXPECT_LE(steepest[o], found.outputs[o].proven * (1 + 1e-9)) << text;
        EXPECT_LE(found.outputs[o].found, found.outputs[o].proven * (1 + 1e-9)) << text;
        EXPECT_GE(found.outputs[o].found, 0.6 * steepest[o]) << text;
      }
    }
}

}  // namespace
}  // namespace rectify::verify
