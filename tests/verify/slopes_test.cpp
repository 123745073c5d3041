// Bounds of slopes hold the slopes of every piece, and are exact where nothing is open.

#include "rectify/verify/slopes.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <numeric>

#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

const char* const sloped_networks[] = {
    "3 : dense 6 | relu | dense 6 | relu | dense 2",
    "3 : dense 6 | relu | dropout 0.5 | dense 2 | relu",
    "3 : dense 6 | batch_norm | relu | dense 6 | batch_norm affine=no | relu | dense 2",
    "3 : dense 8 | maxout 2 | dense 9 | maxout 3 | dense 2",
    "3 : dense 6 | prelu | dense 6 | prelu a=-0.5 | dense 2",
    "3 : dense 6 | leaky_relu | dense 6 | rrelu | dense 2",
    "3 : dense 6 | hard_tanh | dense 6 | relu6 | dense 2",
    "3 : dense 6 | relu | residual(dense 6 | relu | dense 6) | relu | dense 2",
    "6x6x1 : conv 3 3x3 | relu | max_pool 2 | conv 4 3x3 stride=2 | relu | flatten | dense 2",
    "4x4x2 : dense_block(conv 2 3x3 | relu) | dense_block(relu | conv 2 1x1) | relu | "
    "global_avg_pool | dense 2",
    "3 : dense 6 | sigmoid | dense 6 | tanh | dense 2",
    "3 : dense 6 | gelu | dense 6 | silu | dense 2",
    "3 : dense 6 | softplus | residual(dense 6 | selu | dense 6) | elu | dense 2",
    "4x3 : dense 5 | relu | transpose | dense 3 | relu | flatten | dense 2"};

std::vector<std::uint32_t> all_inputs(const Network& network) {
  std::vector<std::uint32_t> all(network.inputs());
  std::iota(all.begin(), all.end(), 0u);
  return all;
}

/// Bounds of the slopes of c y in a box.
std::vector<activation::Interval> bounds_in(const Structure& structure, const SlopeNetwork& slopes,
                                            const Box& box, std::span<const double> c) {
  Bounder bounder(structure);
  Ranges ranges = bounder.unknown();
  EXPECT_TRUE(bounder.narrow(box, ranges));
  SlopeBounder of(structure, slopes);
  of.narrow(ranges, c);
  return of.slopes(all_inputs(structure.network));
}

// The function's own differences are the second opinion: over a short step along an axis they are
// a mean of slopes in between.
TEST(SlopeBounds, HoldTheDifferencesOfEveryOperator) {
  const std::vector<double> c = {1, -0.5};
  for (const char* text : sloped_networks)
    for (const double radius : {0.01, 0.2}) {
      const model::Predictor predictor(random_model(text, 3));
      const Network network = network_of(predictor);
      const Structure structure(network);
      const SlopeNetwork slopes(network);
      const Random random(5, 79);
      std::vector<double> x(network.inputs());
      Box box{x, x};
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double middle = random.normal(i);
        box.lower[i] = middle - radius, box.upper[i] = middle + radius;
      }
      const auto bounds = bounds_in(structure, slopes, box, c);
      const auto value = [&](const std::vector<double>& at) {
        const std::vector<double> y = outputs_at(network, at);
        return c[0] * y[0] + c[1] * y[1];
      };
      for (std::uint64_t n = 0; n < 200; ++n) {
        for (std::size_t i = 0; i < x.size(); ++i)
          x[i] = box.lower[i] + 2 * radius * random.uniform(1000 + n * x.size() + i);
        const std::size_t k = n % x.size();
        std::vector<double> to = x;
        to[k] = box.lower[k] + 2 * radius * random.uniform(900 + n % 50);
        if (std::abs(to[k] - x[k]) < 1e-4) continue;
        const double slope = (value(to) - value(x)) / (to[k] - x[k]);
        EXPECT_GE(slope, bounds[k].low - 1e-9) << text << ", input " << k;
        EXPECT_LE(slope, bounds[k].high + 1e-9) << text << ", input " << k;
      }
    }
}

TEST(SlopeBounds, AreTheSlopesWhereNothingIsOpen) {
  const std::vector<double> c = {0.5, 2};
  for (const char* text : sloped_networks) {
    const model::Predictor predictor(random_model(text, 4));
    const Network network = network_of(predictor);
    const Structure structure(network);
    const SlopeNetwork slopes(network);
    const Random random(6, 80);
    std::vector<double> x(network.inputs());
    for (std::size_t i = 0; i < x.size(); ++i) x[i] = random.normal(i);
    const auto bounds = bounds_in(structure, slopes, {x, x}, c);
    const std::vector<double> at = slopes_at(network, x, c);
    for (std::size_t i = 0; i < x.size(); ++i) {
      EXPECT_LE(bounds[i].low, at[i]) << text;
      EXPECT_GE(bounds[i].high, at[i]) << text;
      // Winograd's algorithm leaves a few numbers open at a point; and curves have other slopes
      // where float32 rounds.
      const double open = contains(text, "conv") ? 1e9 : network.has_curves() ? 1e-4 : 1e-9;
      EXPECT_LE(bounds[i].high - bounds[i].low, open * (1 + std::abs(at[i]))) << text;
    }
  }
}

// y = 2 relu(x0 + x1) - 3 relu(x0 - 1): on [0, 2] x [0, 1] the first is on, the second open. The
// slope in x0 is 2 or -1, in x1 it is 2.
TEST(SlopeBounds, OfAnOpenReluAreBothOfItsSides) {
  const model::Predictor predictor([] {
    model::Model model("2 : dense 2 | relu | dense 1");
    set_parameter(model, "dense1.weight", {1, 1, 1, 0});
    set_parameter(model, "dense1.bias", {0.125f, -1});
    set_parameter(model, "dense2.weight", {2, -3});
    return model;
  }());
  const Network network = network_of(predictor);
  const SlopeNetwork slopes(network);
  const auto bounds = bounds_in(Structure(network), slopes, {{0, 0}, {2, 1}}, std::vector{1.0});
  EXPECT_NEAR(bounds[0].low, -1, 1e-12);
  EXPECT_NEAR(bounds[0].high, 2, 1e-12);
  EXPECT_NEAR(bounds[1].low, 2, 1e-12);
  EXPECT_NEAR(bounds[1].high, 2, 1e-12);
}

}  // namespace
}  // namespace rectify::verify
