// Lines and slopes of smooth activations hold every number that the float32 kernels compute.

#include "rectify/verify/curve.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/activation/arrays.h"
#include "rectify/base/random.h"
#include "rectify/verify/certify.h"
#include "rectify/verify/extremes.h"
#include "rectify/verify/record.h"
#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

const char* const smooth_rows[] = {"sigmoid",  "tanh",      "softplus",     "gelu",      "silu",
                                   "mish",     "gelu_tanh", "elu",          "selu",      "celu",
                                   "softsign", "abs_tanh",  "relu_squared", "hard_swish"};

TEST(Curve, HoldsWhatTheKernelsCompute) {
  for (const char* name : smooth_rows) {
    const activation::Row& row = activation::find(name);
    const activation::Parameters p = row.defaults();
    const Curve curve(row, p);
    const Random random(1, 83);
    for (std::uint64_t n = 0; n < 300; ++n) {
      const double middle = 6 * random.normal(2 * n),
                   half = std::pow(10, 1 - 4 * random.uniform(2 * n + 1));
      const float low = static_cast<float>(middle - half), high = static_cast<float>(middle + half);
      const CurveLines lines = curve.lines(low, high);
      const activation::Interval values = curve.values(low, high), slopes = curve.slopes(low, high);
      std::vector<float> x, y(500);
      for (std::size_t i = 0; i < y.size(); ++i)
        x.push_back(std::clamp(
            static_cast<float>(low + (double{high} - low) * static_cast<double>(i) / 499), low,
            high));
      activation::forward(row, p, x, y);
      for (std::size_t i = 0; i < y.size(); ++i) {
        ASSERT_GE(y[i], lines.low_slope * x[i] + lines.low_offset) << name << " at " << x[i];
        ASSERT_LE(y[i], lines.high_slope * x[i] + lines.high_offset) << name << " at " << x[i];
        ASSERT_TRUE(values.low <= y[i] && y[i] <= values.high) << name << " at " << x[i];
        const double slope = row.slope(x[i], p);
        ASSERT_TRUE(slopes.low <= slope && slope <= slopes.high) << name << " at " << x[i];
      }
    }
  }
}

// On [-1, 1] the tangent of softplus in the middle is x / 2 + log 2, and its chord from log(1 +
// 1/e) to log(1 + e) is x / 2 + log(2 + e + 1/e) / 2. Both lines touch.
TEST(Curve, HasTheChordAndATangentWhereItIsConvex) {
  const activation::Row& row = activation::find("softplus");
  const CurveLines lines = Curve(row, row.defaults()).lines(-1, 1);
  EXPECT_NEAR(lines.low_slope, 0.5, 1e-9);
  EXPECT_NEAR(lines.low_offset, std::log(2), 1e-5);
  EXPECT_LE(lines.low_offset, std::log(2));
  EXPECT_NEAR(lines.high_slope, 0.5, 1e-9);
  EXPECT_NEAR(lines.high_offset, std::log(2 + std::exp(1) + std::exp(-1)) / 2, 1e-5);
}

// The slope of sigmoid is largest at 0, that of gelu least at -sqrt(2) and largest at sqrt(2).
TEST(Curve, KnowsWhereSlopesTurn) {
  const activation::Row &sigmoid = activation::find("sigmoid"), &gelu = activation::find("gelu");
  EXPECT_NEAR(Curve(sigmoid, sigmoid.defaults()).slopes(-3, 1).high, 0.25, 1e-9);
  const activation::Interval slopes = Curve(gelu, gelu.defaults()).slopes(-4, 4);
  EXPECT_NEAR(slopes.low, -0.1289, 1e-4);
  EXPECT_NEAR(slopes.high, 1.1289, 1e-4);
}

TEST(Curve, RefusesWhatItCannotFollow) {
  const auto text = [](const char* name) {
    const activation::Row& row = activation::find(name);
    return error_of([&] { Curve(row, row.defaults()); });
  };
  EXPECT_TRUE(contains(text("threshold_relu"), "jumps at"));
  EXPECT_TRUE(contains(text("stepped_sigmoid"), "bends at"));
}

/// y = sigmoid(x0 + x1 + ... ) of so many inputs.
model::Predictor sigmoid_of_sum(std::size_t inputs) {
  model::Model model(std::to_string(inputs) + " : dense 1 | sigmoid | dense 1");
  set_parameter(model, "dense1.weight", std::vector<float>(inputs, 1));
  set_parameter(model, "dense2.weight", {1});
  return model::Predictor(std::move(model));
}

// The sum is between -1 and 1, and sigmoid(1) is 0.7311.
TEST(Curve, ProvesAndRefutesProperties) {
  for (const std::size_t inputs : {std::size_t{1}, std::size_t{4}, std::size_t{40}}) {
    const model::Predictor predictor = sigmoid_of_sum(inputs);
    const double end = 1.0 / static_cast<double>(inputs);
    const Box box{std::vector<double>(inputs, -end), std::vector<double>(inputs, end)};
    const auto answer = [&](double bound) {
      return verify(predictor, {{{box, {{{-1}, -bound}}}}}, {.seconds = 20}).answer;
    };
    EXPECT_EQ(answer(0.7315), Answer::holds) << inputs;
    EXPECT_EQ(answer(0.7307), Answer::violated) << inputs;
  }
}

TEST(Curve, HasNoCertificate) {
  const model::Predictor predictor = sigmoid_of_sum(2);
  const Property property = {{{{{-1, -1}, {1, 1}}, {{{-1}, -2}}}}};
  Record record;
  const Verdict verdict = verify(predictor, property, {.record = &record});
  EXPECT_EQ(verdict.answer, Answer::holds);
  EXPECT_THROW(certify(predictor, property, verdict, record), NotCertified);
}

TEST(Curve, OutputsOfDeepNetworksStayWithinProvenRanges) {
  const model::Predictor predictor(
      random_model("3 : dense 8 | tanh | dense 8 | silu | dense 8 | softplus | dense 2", 3));
  const Box box = {{-1, -1, -1}, {1, 1, 1}};
  const Extremes extremes = output_extremes(predictor, box, {.seconds = 3});
  const Random random(3, 84);
  std::vector<float> x(3 * 50000), y(2 * 50000);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(2 * random.uniform(i) - 1);
  predictor.run(x, y);
  for (std::size_t i = 0; i < y.size(); ++i) {
    ASSERT_GE(y[i], extremes.outputs[i % 2].proven.low);
    ASSERT_LE(y[i], extremes.outputs[i % 2].proven.high);
  }
  const OutputExtremes& first = extremes.outputs[0];
  EXPECT_LE(first.proven.high - first.proven.low, 2 * (double{first.greatest} - first.least));
}

}  // namespace
}  // namespace rectify::verify
