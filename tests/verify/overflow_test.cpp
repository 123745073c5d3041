// Nothing is proven where the float network may overflow on its way to a number: of a mean, which
// is a sum before it is divided, of a curve, of Winograd's algorithm, or before a product with a
// small factor. With smaller inputs the same properties hold.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rectify/verify/certificate.h"
#include "rectify/verify/check.h"
#include "rectify/verify/facts.h"
#include "rectify/verify/verify.h"
#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

/// Sets all numbers of a parameter to one.
void fill_parameter(model::Model& model, const std::string& label, float value) {
  const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
  set_parameter(model, label, std::vector<float>(slot.size, value));
}

struct Case {
  model::Predictor predictor;
  Box box;
  double bound;  ///< unsafe: an output of at least so much

  Property property(double share = 1) const {
    Box part = box;
    for (double& x : part.upper) x *= share;
    return {{{std::move(part), {{{-1}, -bound}}}}};
  }
  bool holds(double share) const {
    const Verdict verdict =
        verify(predictor, property(share), {.seconds = 60, .threads = 1, .boxes = 200});
    EXPECT_EQ(Verifier(predictor).holds_at_once(property(share)), verdict.answer == Answer::holds);
    return verdict.answer == Answer::holds;
  }
  /// Whether the checker takes its first bounds for a proof.
  bool is_checked(double share) const {
    const Property of = property(share);
    Certificate certificate{hash_of(network_of(predictor)), hash_of(of), Answer::holds};
    certificate.steps = "root 0\nnarrow\n";
    return error_of([&] { check(predictor, of, certificate, "c"); }).empty();
  }
};

Case mean_of_64(const std::string& pool) {
  model::Model model("8x8x1 : " + pool + " | dense 1");
  fill_parameter(model, "dense1.weight", 1);
  return {model::Predictor(std::move(model)),
          {std::vector<double>(64, 0.0), std::vector<double>(64, 5.4e36)},
          1e37};
}

TEST(Overflow, OfTheSumBeforeAMeanIsDivided) {
  for (const std::string pool : {"global_avg_pool", "avg_pool 8 | flatten"}) {
    const Case of = mean_of_64(pool);
    std::vector<float> y(1);
    of.predictor.run(std::vector<float>(64, 5.4e36f), y);
    EXPECT_FALSE(std::isfinite(y[0])) << pool;
    EXPECT_FALSE(of.holds(1)) << pool;
    EXPECT_FALSE(of.is_checked(1)) << pool;
    EXPECT_TRUE(of.holds(1e-3)) << pool;
    EXPECT_TRUE(of.is_checked(1e-3)) << pool;
  }
}

TEST(Overflow, OfACurve) {
  model::Model model("40 : dense 1 | relu_squared | dense 1");
  fill_parameter(model, "dense1.weight", 5e17f);
  fill_parameter(model, "dense2.weight", 1e-30f);
  const Case of = {model::Predictor(std::move(model)),
                   {std::vector<double>(40, 0.0), std::vector<double>(40, 1.0)},
                   1e12};
  std::vector<float> y(1);
  of.predictor.run(std::vector<float>(40, 1.0f), y);
  EXPECT_FALSE(std::isfinite(y[0]));
  EXPECT_FALSE(of.holds(1));
  EXPECT_TRUE(of.holds(1e-3));
}

TEST(Overflow, OfThePointsOfAPatch) {
  model::Model model("16x16x16 : conv 16 3x3 padding=valid | relu | flatten | dense 1");
  fill_parameter(model, "conv1.weight", 1e-3f);
  fill_parameter(model, "dense1.weight", 1e-3f);
  std::vector<double> upper(16 * 16 * 16);
  for (std::size_t y = 0; y < 6; ++y)
    for (std::size_t x = 0; x < 6; ++x) upper[(y * 16 + x) * 16] = 3.24e37;
  const Case of = {
      model::Predictor(std::move(model)), {std::vector<double>(upper.size(), 0.0), upper}, 1e36};
  EXPECT_FALSE(of.holds(1));
  EXPECT_FALSE(of.is_checked(1));
  EXPECT_TRUE(of.holds(1e-3));
  EXPECT_TRUE(of.is_checked(1e-3));
}

const Box eight{std::vector<double>(8, 0.0), std::vector<double>(8, 8e37)};

Case normalised(float mean) {
  model::Model model("8 : dense 1");
  fill_parameter(model, "dense1.weight", 1e30f);
  model.normalisation.inputs = {{mean, 1e-37f}};
  return {model::Predictor(std::move(model)), eight, 1e33};
}

Case batch_normalised(float mean) {
  model::Model model("8 : batch_norm | dense 1");
  fill_parameter(model, "dense1.weight", 1);
  fill_parameter(model, "batch_norm1.mean", mean);
  fill_parameter(model, "batch_norm1.variance", 1e38f);
  fill_parameter(model, "batch_norm1.scale", 1);
  return {model::Predictor(std::move(model)), eight, 1e33};
}

TEST(Overflow, OfADifferenceBeforeItIsScaled) {
  for (Case (*make)(float) : {normalised, batch_normalised}) {
    const Case of = make(-3.3e38f);
    std::vector<float> y(1);
    of.predictor.run(std::vector<float>(8, 8e37f), y);
    EXPECT_FALSE(std::isfinite(y[0]));
    EXPECT_FALSE(of.holds(1));
    EXPECT_FALSE(of.is_checked(1));
    EXPECT_TRUE(make(-8e37f).holds(1));
    EXPECT_TRUE(make(-8e37f).is_checked(1));
  }
}

// Every weight is so small that no sum is large.
TEST(Overflow, OfInputsThemselves) {
  model::Model model("1 : dense 1");
  fill_parameter(model, "dense1.weight", 1e-10f);
  const Case of = {model::Predictor(std::move(model)), {{0}, {1e38}}, 1e30};
  EXPECT_FALSE(of.is_checked(1));
  EXPECT_TRUE(of.is_checked(0.5));
  const auto why = [&](const auto& act) { return error_of(act); };
  const Certificate certificate{hash_of(network_of(of.predictor)), hash_of(of.property()),
                                Answer::holds};
  const std::string want =
      "case 1 of the property bounds input 0 by 0 and 1e+38; bounds must be numbers of at most "
      "2^126, as the network's are";
  EXPECT_EQ(why([&] { check(of.predictor, of.property(), certificate, "c"); }), want);
  EXPECT_EQ(why([&] { verify(of.predictor, of.property()); }), want);
  EXPECT_TRUE(contains(why([&] { output_ranges(of.predictor, of.box); }), "may overflow"));
}

// Behind a unit that is 0 for all inputs.
TEST(Finite, NumbersAreAllThatAnythingIsProvenOf) {
  constexpr float infinity = std::numeric_limits<float>::infinity();
  const auto why = [](const std::string& label, std::vector<float> values) {
    model::Model model("1 : dense 2 | relu | dense 1");
    set_parameter(model, "dense1.weight", {1, -1});
    set_parameter(model, "dense1.bias", {0, -10});
    set_parameter(model, "dense2.weight", {1, 1});
    set_parameter(model, label, values);
    const model::Predictor predictor(std::move(model));
    return error_of([&] { verify(predictor, {{{{{0}, {1}}, {{{-1}, -2}}}}}); });
  };
  EXPECT_EQ(why("dense2.weight", {1, 1}), "");
  EXPECT_EQ(why("dense2.weight", {1, infinity}),
            "parameter 'dense2.weight' has a number that is not finite, so nothing can be proven "
            "about the network; give one whose numbers all are");
  EXPECT_TRUE(contains(why("dense1.bias", {std::nanf(""), 0}), "'dense1.bias' has a number"));

  model::Model model("1 : batch_norm | dense 1");
  set_parameter(model, "batch_norm1.variance", {-1});
  const model::Predictor predictor(std::move(model));
  EXPECT_TRUE(contains(error_of([&] { network_of(predictor); }), "'batch_norm1' has a number"));
}

/// Outputs of a network of one input, 1e20 times what comes before its dense layer, at -8e37.
void expect_range_holds(model::Model model) {
  fill_parameter(model, "dense1.weight", 1e20f);
  const model::Predictor predictor(std::move(model));
  std::vector<float> y(1);
  predictor.run(std::vector<float>{-8e37f}, y);
  const activation::Interval range = output_ranges(predictor, {{-8e37}, {-7e37}}).at(0);
  EXPECT_LE(range.low, y[0]);
  EXPECT_GE(range.high, y[0]);
}

TEST(Factors, BelowFloat32AreThoseOfTheKernels) {
  for (const char* text : {"1 : leaky_relu a=1e-46 | dense 1", "1 : leaky_relu a=1.9e-45 | dense 1",
                           "1 : rrelu low=0 high=1e-45 | dense 1"}) {
    SCOPED_TRACE(text);
    expect_range_holds(model::Model(text));
  }
  model::Model model("1 : batch_norm | dense 1");
  fill_parameter(model, "batch_norm1.variance", 1e38f);
  fill_parameter(model, "batch_norm1.scale", 1e-30f);
  expect_range_holds(std::move(model));
}

}  // namespace
}  // namespace rectify::verify
