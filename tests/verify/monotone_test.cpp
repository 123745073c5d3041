// Whether outputs rise with a feature, against all linear pieces of small networks.
//
//     RECTIFY_EXACT_NETWORKS=20000 build/tests/test_verify --gtest_filter='Monotone.NoAnswer*'

#include "rectify/verify/monotone.h"

#include <gtest/gtest.h>

#include <cmath>
#include <cstdlib>
#include <iostream>

#include "tests/helpers.h"
#include "tests/random_model.h"
#include "tests/verify/pieces.h"

namespace rectify::verify {
namespace {

/// y = relu(x0) + `second` relu(x0 - 1 + x1), of two inputs.
model::Predictor hinges(float second) {
  model::Model model("2 : dense 2 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1, 1, 0, 1});
  set_parameter(model, "dense1.bias", {0, -1});
  set_parameter(model, "dense2.weight", {1, second});
  return model::Predictor(std::move(model));
}

const Box square = {{-2, -1}, {3, 1}};

TEST(Monotone, HoldsWhereASlopeIsNeverNegative) {
  // Where the second relu is on and the first is off (x0 < 0 needs x1 > 1), the slope would be
  // -1/2: intervals alone cannot tell. In the square it is 0, 1 or 1/2.
  const model::Predictor predictor = hinges(-0.5f);
  const MonotoneVerdict verdict = monotone(predictor, {.feature = 0, .box = square});
  EXPECT_EQ(verdict.answer, Answer::holds) << verdict.why;
  EXPECT_GT(verdict.sub_problems, 1u);
  EXPECT_NEAR(verdict.slope.low, 0, 1e-9);
  EXPECT_NEAR(verdict.slope.high, 1, 1e-9);
  EXPECT_GT(verdict.disorder, 0);
  EXPECT_LT(verdict.disorder, 1e-4);
}

TEST(Monotone, IsViolatedByAPairThatThePredictorAnswersInTheWrongOrder) {
  const model::Predictor predictor = hinges(-1.5f);
  const MonotoneVerdict verdict = monotone(predictor, {.feature = 0, .box = square});
  ASSERT_EQ(verdict.answer, Answer::violated) << verdict.why;
  ASSERT_EQ(verdict.before.size(), 2u);
  EXPECT_LT(verdict.before[0], verdict.after[0]);
  EXPECT_EQ(verdict.before[1], verdict.after[1]);
  EXPECT_LT(verdict.output_after, verdict.output_before);
  std::vector<float> y(1);
  predictor.run(verdict.before, y);
  EXPECT_EQ(y[0], verdict.output_before);
  predictor.run(verdict.after, y);
  EXPECT_EQ(y[0], verdict.output_after);
}

TEST(Monotone, DecreasingIsItsMirror) {
  const model::Predictor predictor = hinges(-0.5f);
  const MonotoneVerdict falls =
      monotone(predictor, {.feature = 1, .decreasing = true, .box = square});
  EXPECT_EQ(falls.answer, Answer::holds);
  EXPECT_NEAR(falls.slope.low, -0.5, 1e-9);
  EXPECT_NEAR(falls.slope.high, 0, 1e-9);
  const MonotoneVerdict rises =
      monotone(predictor, {.feature = 0, .decreasing = true, .box = square});
  ASSERT_EQ(rises.answer, Answer::violated);
  EXPECT_GT(rises.output_after, rises.output_before);
}

TEST(Monotone, AFeatureWithoutAnyWeightNeitherRisesNorFalls) {
  model::Model model("2 : dense 3 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1, -2, 0.5f, 0, 0, 0});
  set_parameter(model, "dense2.weight", {1, -3, 2});
  const model::Predictor predictor(std::move(model));
  for (const bool decreasing : {false, true}) {
    const MonotoneVerdict verdict =
        monotone(predictor, {.feature = 1, .decreasing = decreasing, .box = square});
    EXPECT_EQ(verdict.answer, Answer::holds);
    EXPECT_EQ(verdict.slope.low, 0);
    EXPECT_EQ(verdict.slope.high, 0);
  }
}

// The slope of a saturated hard_tanh is 1 - 1, which bounds must not take for less than 0.
TEST(Monotone, HoldsWhereAnActivationIsFlat) {
  model::Model model("1 : dense 1 | hard_tanh | dense 1");
  set_parameter(model, "dense1.weight", {3});
  set_parameter(model, "dense2.weight", {0.3f});
  const model::Predictor predictor(std::move(model));
  const MonotoneVerdict verdict = monotone(predictor, {.box = {{-9}, {9}}});
  EXPECT_EQ(verdict.answer, Answer::holds) << verdict.why;
  EXPECT_NEAR(verdict.slope.high, 0.9, 1e-6);
}

// y = tanh(2 x) + 3 tanh(x / 2) rises everywhere, and y = gelu(x) falls left of -0.7518.
TEST(Monotone, TellsCurvesApart) {
  model::Model rising("1 : dense 2 | tanh | dense 1");
  set_parameter(rising, "dense1.weight", {2, 0.5f});
  set_parameter(rising, "dense2.weight", {1, 3});
  const model::Predictor rises(std::move(rising));
  const MonotoneVerdict holds = monotone(rises, {.box = {{-2}, {3}}}, {.seconds = 20});
  EXPECT_EQ(holds.answer, Answer::holds) << holds.why;
  EXPECT_GE(holds.slope.high, 3.5 - 1e-9);  // 2 + 3 / 2, at 0

  model::Model bent("1 : dense 1 | gelu | dense 1");
  set_parameter(bent, "dense1.weight", {1});
  set_parameter(bent, "dense2.weight", {1});
  const model::Predictor gelu(std::move(bent));
  EXPECT_EQ(monotone(gelu, {.box = {{-0.75}, {4}}}, {.seconds = 20}).answer, Answer::holds);
  const MonotoneVerdict falls = monotone(gelu, {.box = {{-3}, {4}}}, {.seconds = 20});
  ASSERT_EQ(falls.answer, Answer::violated) << falls.why;
  EXPECT_LT(falls.before[0], -0.75f);
}

TEST(Monotone, SaysWhatDoesNotFit) {
  const model::Predictor predictor = hinges(1);
  const auto text = [&](const MonotoneQuestion& question) {
    return error_of([&] { monotone(predictor, question); });
  };
  EXPECT_TRUE(contains(text({.feature = 2, .box = square}), "no feature 2; the network takes 2"));
  EXPECT_TRUE(contains(text({.output = 1, .box = square}), "no output 1; the network has 1"));
  EXPECT_TRUE(contains(text({.box = {{0, 0}, {0, 1}}}), "one value in the box, 0"));
  EXPECT_TRUE(contains(text({.box = {{0}, {1}}}), "takes 2"));
  EXPECT_TRUE(contains(text({.box = {{1, 0}, {0, 1}}}), "lower end"));
  EXPECT_TRUE(contains(text({.box = {{0, 0}, {1e38, 1}}}), "overflow"));
}

TEST(Monotone, TheAnswerDoesNotDependOnThreads) {
  const model::Predictor predictor(
      random_model("4 : dense 8 | relu | dense 8 | relu | dense 1", 3));
  const Box box{{-1, -1, -1, -1}, {1, 1, 1, 1}};
  const MonotoneVerdict one =
      monotone(predictor, {.feature = 2, .box = box}, {.threads = 1, .boxes = 500});
  const MonotoneVerdict two =
      monotone(predictor, {.feature = 2, .box = box}, {.threads = 2, .boxes = 500});
  EXPECT_EQ(one.answer, two.answer);
  EXPECT_EQ(one.sub_problems, two.sub_problems);
  EXPECT_EQ(one.slope.low, two.slope.low);
  EXPECT_EQ(one.before, two.before);
}

/// A drawn network, feature and box, and the least rises over steps of some lengths, from all
/// pieces.
struct DrawnRise {
  std::unique_ptr<model::Predictor> predictor;
  MonotoneQuestion question;
  std::string text;
  double least_rise = 0, size = 0;
};

DrawnRise drawn_rise(std::uint64_t seed) {
  const char* const activations[] = {"relu", "relu", "leaky_relu", "hard_tanh", "maxout"};
  const Random random(seed, 0x3030);
  std::uint64_t next = 0;
  const auto of = [&](std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(random.uniform(next++) * double(n)));
  };
  DrawnRise all;
  const std::size_t inputs = 1 + of(2);
  all.text = std::to_string(inputs) + " : ";
  std::vector<std::string> chosen;
  for (int layer = 0; layer < 2; ++layer) {
    const std::string name = activations[of(std::size(activations))];
    all.text += "dense " + std::to_string(2 * (1 + of(2))) + " | " + name +
                (name == "leaky_relu" ? " a=0.2"
                 : name == "maxout"   ? " 2"
                                      : "") +
                " | ";
    chosen.push_back(name);
  }
  all.text += "dense 1";
  model::Model model = random_model(all.text, seed);
  // Weights that are mostly positive make networks that mostly rise.
  const double lean = 1.5 * random.uniform(next++);
  for (const run::ParameterSlot& slot : model.layout.slots())
    for (std::size_t i = 0; i < slot.size && slot.shape.rank() > 1; ++i)
      model.parameters.data()[slot.offset + i] += static_cast<float>(lean * random.uniform(next++));
  const PieceNetwork network(model, chosen);
  all.predictor = std::make_unique<model::Predictor>(std::move(model));
  const std::size_t feature = all.question.feature = of(inputs);
  for (std::size_t i = 0; i < inputs; ++i) {
    const double low = random.normal(next++), width = 0.2 + 2 * random.uniform(next++);
    all.question.box.lower.push_back(low), all.question.box.upper.push_back(low + width);
  }
  const Box& box = all.question.box;
  for (const double share : {0.5, 0.1, 0.02}) {
    const double step = share * (box.upper[feature] - box.lower[feature]);
    const Look look = [&](std::span<const double> x, std::vector<double>& sides) {
      std::vector<double> to(x.begin(), x.end()), more;
      to[feature] += step;
      const double rise = network.outputs(to, more)[0] - network.outputs(x, sides)[0];
      sides.insert(sides.end(), more.begin(), more.end());
      return std::vector<double>{rise};
    };
    std::vector<double> upper = box.upper;
    upper[feature] -= step;
    const Least least = least_of_largest(look, box.lower, upper);
    all.least_rise = std::min(all.least_rise, least.value);
    all.size = std::max(all.size, least.size);
  }
  return all;
}

TEST(Monotone, NoAnswerContradictsAllPieces) {
  const char* asked = std::getenv("RECTIFY_EXACT_NETWORKS");
  const std::size_t count = asked ? std::strtoull(asked, nullptr, 10) : 300;
  std::size_t holds = 0, violated = 0, unknown = 0, rises = 0;
  for (std::uint64_t seed = 1; seed <= count; ++seed) {
    const DrawnRise one = drawn_rise(seed);
    const MonotoneVerdict verdict =
        monotone(*one.predictor, one.question, {.seconds = 20, .threads = 1, .boxes = 20000});
    const double margin = 1e-6 * (1 + one.size);
    rises += one.least_rise >= -margin;
    holds += verdict.answer == Answer::holds, violated += verdict.answer == Answer::violated;
    unknown += verdict.answer == Answer::unknown;
    if (verdict.answer == Answer::holds) {
      EXPECT_GE(one.least_rise, -margin) << "network " << seed << ": " << one.text;
    } else if (verdict.answer == Answer::violated) {
      EXPECT_LT(verdict.output_after, verdict.output_before);
    }
  }
  std::cout << count << " networks: " << holds << " hold, " << violated << " are violated, "
            << unknown << " unknown; " << rises << " rise at steps of some lengths\n";
  EXPECT_LE(unknown, count / 50);
  EXPECT_GE(holds, count / 10);
  EXPECT_GE(violated, count / 10);
}

}  // namespace
}  // namespace rectify::verify
