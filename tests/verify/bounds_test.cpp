// Bounds of every operator hold what the predictor computes, and are near what it can reach.
//
//     RECTIFY_BOUND_SAMPLES=1000000 build/tests/test_verify --gtest_filter='Bounds.HoldEvery*'

#include "rectify/verify/bounds.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>

#include "rectify/verify/facts.h"
#include "rectify/verify/verify.h"
#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

const char* const networks[] = {
    "3 : dense 6 | relu | dense 6 | relu | dense 2",
    "3 : dense 6 bias=no | relu | dropout 0.5 | dense 2 | relu",
    "3 : dense 6 | batch_norm | relu | dense 6 | batch_norm affine=no | relu | dense 2",
    "3 : dense 6 | relu | batch_norm | dense 2 | batch_norm affine=no",
    "3 : dense 8 | maxout 2 | dense 9 | maxout 3 | dense 2",
    "3 : dense 6 | prelu | dense 6 | prelu a=-0.5 | dense 2",
    "3 : dense 6 | leaky_relu | dense 6 | rrelu | dense 2",
    "3 : dense 6 | hard_tanh | dense 6 | relu6 | dense 2",
    "3 : dense 6 | hard_sigmoid | dense 6 | noisy_relu | dense 2",
    "3 : dense 6 | identity | dense 6 | elu a=0 | dense 2",
    "3 : dense 6 | relu | residual(dense 6 | relu | dense 6) | relu | dense 2",
    "6x6x1 : conv 3 3x3 | relu | max_pool 2 | conv 4 3x3 stride=2 | relu | flatten | dense 2",
    "6x6x2 : conv 4 3x3 groups=2 padding=valid | batch_norm | relu | avg_pool 2 | flatten | dense "
    "2",
    "5x5x2 : conv 4 3x3 dilation=2 | max_pool 3 stride=2 | relu | global_avg_pool | dense 2",
    "6x6x1 : conv 3 3x3 | relu | residual(conv 3 3x3 | relu | conv 3 3x3) | relu | "
    "global_avg_pool | dense 2",
    "4x4x2 : dense_block(conv 2 3x3 | relu) | dense_block(relu | conv 2 1x1) | relu | "
    "global_avg_pool | dense 2",
    "4x3 : dense 5 | relu | transpose | dense 3 | relu | flatten | dense 2",
    "3 : dense 6 | sigmoid | dense 6 | tanh | dense 2",
    "3 : dense 6 | gelu | dense 6 | silu | dense 2",
    "3 : dense 6 | softplus | dense 6 | elu | dense 2",
    "3 : dense 6 | selu | residual(dense 6 | mish | dense 6) | softsign | dense 2",
    "6x6x1 : conv 3 2x2 | gelu_tanh | max_pool 2 | flatten | dense 2",
    "4x3 : positions | dense 5 | relu | reshape 20 | alpha_dropout 0.1 | dense 2"};

Box box_around(std::span<const double> middle, double radius) {
  Box box;
  for (const double x : middle) box.lower.push_back(x - radius), box.upper.push_back(x + radius);
  return box;
}

/// Bounds of y0 - y1 and of y1 - y0 from below.
std::vector<double> differences(const Structure& structure, const Box& box) {
  Bounder bounder(structure);
  Ranges ranges = bounder.unknown();
  EXPECT_TRUE(bounder.narrow(box, ranges));
  LowerBounds bounds;
  bounder.bound(ranges, std::vector<double>{1, -1, -1, 1}, {}, bounds);
  return bounds.lower;
}

TEST(Bounds, HoldWhatThePredictorComputesForEveryOperator) {
  for (const char* text : networks)
    for (std::uint64_t seed = 1; seed <= 4; ++seed) {
      const model::Predictor predictor(random_model(text, seed));
      const Network network = network_of(predictor);
      const Structure structure(network);
      const Random random(seed, 77);
      std::vector<double> middle(predictor.inputs());
      for (std::size_t i = 0; i < middle.size(); ++i) middle[i] = random.normal(i);
      for (const double radius : {0.0, 0.01, 0.3}) {
        const Box box = box_around(middle, radius);
        const std::vector<double> bounds = differences(structure, box);
        double least = 1e30, most = -1e30;
        for (std::size_t n = 0; n < 300; ++n) {
          std::vector<float> x(middle.size()), y(2);
          for (std::size_t i = 0; i < x.size(); ++i) {
            const double share = random.uniform(1000 + n * x.size() + i);
            const double at = n % 2 ? share : std::round(share);
            x[i] = static_cast<float>(box.lower[i] + at * 2 * radius);
            // What is rounded to float32 may leave the box by half a unit in the last place.
          }
          predictor.run(x, y);
          least = std::min(least, double{y[0]} - y[1]), most = std::max(most, double{y[0]} - y[1]);
        }
        const double slack = 1e-5 * (1 + std::abs(least) + std::abs(most));
        EXPECT_LE(bounds[0], least + slack) << text << ", radius " << radius;
        EXPECT_GE(-bounds[1], most - slack) << text << ", radius " << radius;
        if (radius == 0) {
          // Rounding alone; Winograd's algorithm rounds much more.
          const double near = (contains(text, "conv") ? 3e-2 : 1e-4) * (1 + std::abs(least));
          EXPECT_NEAR(bounds[0], least, near) << text;
          EXPECT_NEAR(-bounds[1], least, near) << text;
        }
      }
    }
}

TEST(Bounds, HoldEverySampleOfABoxWithoutAnySlack) {
  const char* asked = std::getenv("RECTIFY_BOUND_SAMPLES");
  const std::size_t count = asked ? std::strtoull(asked, nullptr, 10) : 4000, batch = 1000;
  for (const char* text : networks) {
    const model::Predictor predictor(random_model(text, 7));
    const Network network = network_of(predictor);
    const Structure structure(network);
    const Random random(7, 78);
    const std::size_t inputs = predictor.inputs();
    // 1/8 and numbers with few digits: the ends are float32 numbers.
    std::vector<double> middle(inputs);
    for (std::size_t i = 0; i < inputs; ++i) middle[i] = std::round(256 * random.normal(i)) / 256;
    const Box box = box_around(middle, 0.125);
    const std::vector<double> bounds = differences(structure, box);
    const std::vector<activation::Interval> ranges = output_ranges(predictor, box);
    std::vector<float> x(batch * inputs), y(batch * 2);
    double least = 1e30;
    for (std::size_t first = 0; first < count; first += batch) {
      for (std::size_t k = 0; k < x.size(); ++k) {
        const double share = random.uniform(inputs + first * inputs + k);
        const double at = (k / inputs) % 2 ? share : std::round(share);
        x[k] = static_cast<float>(box.lower[k % inputs] + 0.25 * at);
      }
      predictor.run(x, y);
      for (std::size_t n = 0; n < batch; ++n) {
        const double difference = double{y[2 * n]} - y[2 * n + 1];
        least = std::min({least, difference - bounds[0], -difference - bounds[1]});
        for (std::size_t o = 0; o < 2; ++o)
          least = std::min({least, y[2 * n + o] - ranges[o].low, ranges[o].high - y[2 * n + o]});
      }
    }
    EXPECT_GE(least, 0) << text;
  }
}

TEST(Bounds, AreThoseOfALinearNetworkWithoutAnythingLost) {
  const model::Predictor predictor([] {
    model::Model model("2 : dense 2");
    set_parameter(model, "dense1.weight", {1, -2, 3, 0.5f});
    set_parameter(model, "dense1.bias", {0.25f, 1});
    return model;
  }());
  const Network network = network_of(predictor);
  // y0 - y1 = 3 x0 + 2.5 x1 - 0.75 on [-1, 1] x [0, 2].
  const std::vector<double> bounds = differences(Structure(network), {{-1, 0}, {1, 2}});
  EXPECT_NEAR(bounds[0], -3.75, 1e-4);
  EXPECT_NEAR(bounds[1], -(3 + 5 - 0.75), 1e-4);
  EXPECT_LE(bounds[0], -3.75);
}

// With x in [-1, 1], relu(x) is between 0 and (x + 1) / 2: y0 - y1 = relu(x) - x / 2 is at most 1/2
// by the line above, and at least -1/2 by the line below with either slope.
TEST(Bounds, OfAReluAreThoseOfItsLines) {
  const model::Predictor predictor([] {
    model::Model model("1 : dense 2 | relu | dense 2");
    set_parameter(model, "dense1.weight", {1, 0.5f});
    set_parameter(model, "dense1.bias", {0, 1});
    set_parameter(model, "dense2.weight", {1, 0, 0, 1});
    set_parameter(model, "dense2.bias", {1, 0});
    return model;
  }());
  const Network network = network_of(predictor);
  const std::vector<double> bounds = differences(Structure(network), {{-1}, {1}});
  EXPECT_NEAR(-bounds[1], 0.5, 1e-5);
  EXPECT_NEAR(bounds[0], -0.5, 1e-5);
}

TEST(Bounds, SayWhichOperatorHasNone) {
  const model::Predictor predictor(model::Model("3 : dense 4 | layer_norm | dense 2"));
  const std::string text = error_of([&] { network_of(predictor); });
  EXPECT_TRUE(contains(text, "layer_norm")) << text;
  EXPECT_TRUE(contains(text, "operators that have: ")) << text;
}

}  // namespace
}  // namespace rectify::verify
