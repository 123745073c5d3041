#include "rectify/verify/verify.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <limits>

#include "rectify/base/enumeration.h"
#include "rectify/verify/certify.h"
#include "rectify/verify/check.h"
#include "rectify/verify/extremes.h"
#include "rectify/verify/facts.h"
#include "rectify/verify/falsify.h"
#include "rectify/verify/lipschitz.h"
#include "rectify/verify/monotone.h"
#include "rectify/verify/neuron_search.h"
#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

/// The least value of c y over all x of a box, for a network of one input and one hidden layer: it
/// is at an end or at a kink. In double precision.
double exact_least(const model::Model& model, const std::vector<double>& c, double low,
                   double high) {
  const auto numbers = [&](const char* label) {
    const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
    return std::vector<double>(model.parameters.data() + slot.offset,
                               model.parameters.data() + slot.offset + slot.size);
  };
  const auto w1 = numbers("dense1.weight"), b1 = numbers("dense1.bias"),
             w2 = numbers("dense2.weight"), b2 = numbers("dense2.bias");
  const auto value = [&](double x) {
    double sum = 0;
    for (std::size_t o = 0; o < b2.size(); ++o) {
      double y = b2[o];
      for (std::size_t h = 0; h < w1.size(); ++h)
        y += std::max(0.0, w1[h] * x + b1[h]) * w2[h * b2.size() + o];
      sum += c[o] * y;
    }
    return sum;
  };
  double least = std::min(value(low), value(high));
  for (std::size_t h = 0; h < w1.size(); ++h)
    if (const double kink = -b1[h] / w1[h]; kink > low && kink < high)
      least = std::min(least, value(kink));
  return least;
}

TEST(Verify, AgreesWithTheLeastValueOfEveryPiece) {
  std::size_t holds = 0, violated = 0, at_once = 0;
  for (std::uint64_t seed = 1; seed <= 300; ++seed) {
    const model::Model model = random_model("1 : dense 12 | relu | dense 3", seed);
    const Random random(seed, 99);
    const std::vector<double> c = {random.normal(0), random.normal(1), random.normal(2)};
    const double low = random.normal(3), high = low + 2 * random.uniform(20);
    const double least = exact_least(model, c, low, high);
    const model::Predictor predictor(random_model("1 : dense 12 | relu | dense 3", seed));
    const Verifier verifier(predictor);
    for (const double off : {-0.5, -1e-3, 1e-3, 0.5}) {
      const Property property = {{{{{low}, {high}}, {{c, least + off}}}}};
      if (verifier.holds_at_once(property)) {
        EXPECT_LT(off, 0) << seed;
        ++at_once;
      }
      const Verdict verdict = verify(predictor, property, {.seconds = 1000, .threads = 1});
      EXPECT_EQ(verdict.answer, off < 0 ? Answer::holds : Answer::violated)
          << seed << " " << off << " " << verdict.why;
      (off < 0 ? holds : violated)++;
      if (verdict.answer != Answer::violated) continue;
      EXPECT_TRUE(is_inside(property.cases[0].outputs, verdict.output));
      EXPECT_GE(verdict.input[0], low);
      EXPECT_LE(verdict.input[0], high);
      std::vector<float> again(3);
      predictor.run(verdict.input, again);
      EXPECT_EQ(again, verdict.output);
    }
  }
  EXPECT_EQ(holds, 600u);
  EXPECT_GT(at_once, 300u);
  EXPECT_EQ(violated, 600u);
}

// The second search, which verify() takes for many inputs alone.
TEST(NeuronSearch, AgreesWithTheLeastValueOfEveryPiece) {
  std::size_t holds = 0;
  for (std::uint64_t seed = 1; seed <= 100; ++seed) {
    const model::Model model = random_model("1 : dense 12 | relu | dense 3", seed);
    const Random random(seed, 99);
    const std::vector<double> c = {random.normal(0), random.normal(1), random.normal(2)};
    const double low = random.normal(3), high = low + 2 * random.uniform(20);
    const double least = exact_least(model, c, low, high);
    const model::Predictor predictor(random_model("1 : dense 12 | relu | dense 3", seed));
    const Network network = network_of(predictor);
    for (const double off : {-0.5, -1e-2, 1e-2, 0.5}) {
      const Property property = {{{{{low}, {high}}, {{c, least + off}}}}};
      const Limits limits{.seconds = 1000, .threads = 1};
      Verdict verdict;
      NeuronSearch(predictor, Structure(network), property).run(limits, Deadline(limits), verdict);
      if (off < 0) {
        EXPECT_NE(verdict.answer, Answer::violated) << seed;
        if (off == -0.5) {
          EXPECT_EQ(verdict.answer, Answer::holds) << seed << " " << verdict.why;
        }
        holds += verdict.answer == Answer::holds;
      } else {
        EXPECT_NE(verdict.answer, Answer::holds) << seed;
      }
    }
  }
  EXPECT_GE(holds, 195u) << "of 200";
}

TEST(Columns, GiveBoundsThatHoldWithAnyDecisionsAndGrowWithSteps) {
  for (std::uint64_t seed = 1; seed <= 20; ++seed) {
    const model::Predictor predictor(
        random_model("3 : dense 8 | relu | dense 8 | relu | dense 2", seed));
    const Network network = network_of(predictor);
    const Structure structure(network);
    Bounder bounder(structure);
    Ranges ranges = bounder.unknown();
    const Box box{{-1, -1, -1}, {1, 1, 1}};
    ASSERT_TRUE(bounder.narrow(box, ranges));
    Columns columns(structure, bounder.states(), ranges, network.layers.size() - 1, {1, -1});
    std::vector<Node> nodes = {columns.root(), columns.root()};
    columns.bound(std::span(nodes).first(1), 0);
    columns.bound(std::span(nodes).subspan(1), 40);
    EXPECT_GE(nodes[1].lower, nodes[0].lower);
    LowerBounds plain;
    bounder.bound(ranges, std::vector<double>{1, -1}, {}, plain);
    EXPECT_NEAR(nodes[0].lower, plain.lower[0], 1e-12 * (1 + std::abs(plain.lower[0])));
    if (nodes[1].choices.empty()) continue;
    std::vector<Node> halves = {Columns::half(nodes[1], nodes[1].choices[0], false),
                                Columns::half(nodes[1], nodes[1].choices[0], true)};
    columns.bound(halves, 40);
    const double both = std::min(halves[0].lower, halves[1].lower);
    EXPECT_GE(both, nodes[1].lower - 1e-6 * (1 + std::abs(nodes[1].lower)));
    const Random random(seed, 5);
    for (std::size_t n = 0; n < 2000; ++n) {
      std::vector<float> x(3), y(2);
      for (std::size_t i = 0; i < 3; ++i)
        x[i] = static_cast<float>(2 * random.uniform(3 * n + i) - 1);
      predictor.run(x, y);
      EXPECT_GE(double{y[0]} - y[1], both) << "seed " << seed;
    }
  }
}

/// y0 = |x| as relu(x) + relu(-x), y1 = 0.
model::Predictor absolute_value() {
  model::Model model("1 : dense 2 | relu | dense 2");
  set_parameter(model, "dense1.weight", {1, -1});
  set_parameter(model, "dense2.weight", {1, 0, 1, 0});
  return model::Predictor(std::move(model));
}

TEST(Verify, TakesEveryCaseAndEveryHalfSpace) {
  const model::Predictor predictor = absolute_value();
  const Box box{{-1}, {1}}, right{{0.5}, {1}};
  const HalfSpace at_most_half{{1, 0}, 0.5}, at_least_quarter{{-1, 0}, -0.25},
      at_least_two{{-1, 0}, -2};
  const auto answer = [&](const Property& property) {
    return verify(predictor, property, {.seconds = 1000, .threads = 1}).answer;
  };
  EXPECT_EQ(answer({{{box, {at_least_two}}}}), Answer::holds);
  EXPECT_EQ(answer({{{box, {at_most_half}}}}), Answer::violated);
  EXPECT_EQ(answer({{{box, {at_most_half, at_least_two}}}}), Answer::holds)
      << "an input must be in all half spaces of a case";
  EXPECT_EQ(answer({{{box, {at_most_half, at_least_quarter}}}}), Answer::violated);
  EXPECT_EQ(answer({{{right, {{{1, 0}, 0.25}}}, {box, {at_least_two}}}}), Answer::holds);
  const Verdict second =
      verify(predictor, {{{box, {at_least_two}}, {right, {at_least_quarter}}}}, {.seconds = 1000});
  EXPECT_EQ(second.answer, Answer::violated) << "one case is enough";
  EXPECT_EQ(second.at, 1u);
}

TEST(Verify, HoldsWhereNoInputOrNoOutputCanBeUnsafe) {
  const model::Predictor predictor = absolute_value();
  const HalfSpace anything{{0, 0}, 0}, nothing{{0, 0}, -1};
  const auto answer = [&](const Property& property) {
    const Verdict verdict = verify(predictor, property, {.seconds = 1000, .threads = 1});
    EXPECT_EQ(Verifier(predictor).holds_at_once(property) && verdict.answer != Answer::holds,
              false);
    return verdict.answer;
  };
  EXPECT_EQ(answer({}), Answer::holds) << "there is no case";
  EXPECT_EQ(answer({{{{{1}, {-1}}, {anything}}}}), Answer::holds) << "the box is empty";
  EXPECT_EQ(answer({{{{{-1}, {1}}, {anything}}}}), Answer::violated);
  EXPECT_EQ(answer({{{{{-1}, {1}}, {}}}}), Answer::violated) << "every output is unsafe";
  EXPECT_EQ(answer({{{{{-1}, {1}}, {nothing}}}}), Answer::holds);
  // y0 <= 0.4 and y0 >= 0.6 contradict each other.
  EXPECT_EQ(answer({{{{{-1}, {1}}, {{{1, 0}, 0.4}, {{-1, 0}, -0.6}}}}}), Answer::holds);
}

TEST(Verify, TakesABoxOfOneNumberThatFloat32DoesNotHave) {
  const model::Predictor predictor = absolute_value();
  // 0.1 is 0.100000001490116... in float32.
  const Property property = {{{{{0.1}, {0.1}}, {{{1, 0}, 0.2}}}}};
  const Verdict verdict = verify(predictor, property, {.seconds = 1000});
  EXPECT_EQ(verdict.answer, Answer::violated);
  EXPECT_EQ(verdict.input, std::vector<float>{0.1f});
}

TEST(Verify, AnswersThousandsOfCases) {
  const model::Predictor predictor = absolute_value();
  Property property;
  for (int i = 0; i < 5000; ++i)
    property.cases.push_back({{{-1 + i * 1e-4}, {-1 + (i + 1) * 1e-4}}, {{{-1, 0}, -1.5}}});
  EXPECT_EQ(verify(predictor, property, {.seconds = 1000}).answer, Answer::holds);
  property.cases[4321].outputs[0].bound = 0;
  const Verdict verdict = verify(predictor, property, {.seconds = 1000});
  EXPECT_EQ(verdict.answer, Answer::violated);
  EXPECT_EQ(verdict.at, 4321u);
}

TEST(Verify, SaysWhatDoesNotFitTheNetwork) {
  const model::Predictor predictor = absolute_value();
  const double nan = std::numeric_limits<double>::quiet_NaN();
  const auto text = [&](const Unsafe& unsafe) {
    return error_of([&] { verify(predictor, {{unsafe}}, {.seconds = 1}); });
  };
  const HalfSpace any{{1, 0}, 0};
  EXPECT_TRUE(contains(text({{{0, 0}, {1, 1}}, {any}}), "2"));
  EXPECT_TRUE(contains(text({{{nan}, {1}}, {any}}), "nan"));
  EXPECT_TRUE(contains(text({{{0}, {1e300}}, {any}}), "1e+300"));
  EXPECT_TRUE(contains(text({{{0}, {1}}, {{{1}, 0}}}), "1 outputs, but the network has 2"));
  EXPECT_TRUE(contains(text({{{0}, {1}}, {{{1, nan}, 0}}}), "coefficient nan"));
  EXPECT_TRUE(contains(text({{{0}, {1}}, {{{1, 0}, nan}}}), "bound nan"));
}

TEST(Verify, SaysUnknownWhereTimeOrBoxesRunOut) {
  const model::Predictor predictor(
      random_model("6 : dense 40 | relu | dense 40 | relu | dense 2", 3));
  const Box box{std::vector<double>(6, -1), std::vector<double>(6, 1)};
  const Verdict verdict = verify(predictor, {{{box, {{{1, -1}, -5.9}}}}}, {.boxes = 100});
  if (verdict.answer == Answer::unknown) {
    EXPECT_GT(verdict.gap, 0);
    EXPECT_TRUE(contains(verdict.why, "still open")) << verdict.why;
  }
}

TEST(Verify, TellsAGrowingShareAndStopsWhenAsked) {
  const model::Predictor predictor(
      random_model("4 : dense 30 | relu | dense 30 | relu | dense 2", 1));
  const Box box{std::vector<double>(4, -1), std::vector<double>(4, 1)};
  // Unsafe: y0 - y1 at most what is a little below what 20,000 drawn inputs reach.
  double least = 1e30;
  const Random random(1, 7);
  for (std::size_t n = 0; n < 20000; ++n) {
    std::vector<float> x(4), y(2);
    for (std::size_t i = 0; i < 4; ++i)
      x[i] = static_cast<float>(2 * random.uniform(4 * n + i) - 1);
    predictor.run(x, y);
    least = std::min(least, double{y[0]} - y[1]);
  }
  const Property property = {{{box, {{{1, -1}, least - 0.2}}}}};
  std::vector<double> shares;
  const Verdict whole = verify(predictor, property,
                               {.seconds = 1000, .threads = 1, .progress = [&](const Progress& p) {
                                  shares.push_back(p.done);
                                }});
  EXPECT_NE(whole.answer, Answer::unknown) << whole.why;
  ASSERT_GE(shares.size(), 3u) << whole.sub_problems;
  EXPECT_TRUE(std::ranges::is_sorted(shares));
  EXPECT_GE(shares.front(), 0);
  EXPECT_LT(shares.back(), 1);
  int calls = 0;
  const Verdict stopped = verify(
      predictor, property, {.seconds = 1000, .threads = 1, .stop = [&] { return ++calls > 2; }});
  EXPECT_EQ(stopped.answer, Answer::unknown);
  EXPECT_GT(stopped.gap, 0);
  EXPECT_LT(stopped.sub_problems, whole.sub_problems);
}

// Its answers are those of rounded weights, which its model does not have.
TEST(Verify, ProvesNothingOfRoundedWeights) {
  for (const auto weights : {run::WeightPrecision::bf16, run::WeightPrecision::int8}) {
    const model::Predictor predictor(random_model("2 : dense 8 | relu | dense 2", 1), weights);
    ASSERT_EQ(predictor.weights(), weights);
    const Box box{{-1, -1}, {1, 1}};
    const Property property = {{{box, {{{1, -1}, -100}}}}};
    const std::string want =
        concat("the predictor keeps its weights as ", name_of(weights),
               ", which are not those of its model, so nothing can be proven about it; make one "
               "that keeps them as fp32");
    EXPECT_EQ(error_of([&] { verify(predictor, property); }), want);
    EXPECT_EQ(error_of([&] { Verifier verifier(predictor); }), want);
    EXPECT_EQ(error_of([&] { certify(predictor, property, {}, {}); }), want);
    EXPECT_EQ(error_of([&] { check(predictor, property, {}, "proof.txt"); }), want);
    EXPECT_EQ(error_of([&] { monotone(predictor, {.box = box}); }), want);
    EXPECT_EQ(error_of([&] { lipschitz(predictor, box, Norm::inf); }), want);
    EXPECT_EQ(error_of([&] { output_extremes(predictor, box); }), want);
    EXPECT_EQ(error_of([&] { output_ranges(predictor, box); }), want);
  }
}

TEST(Verify, FindsTheSameWithAnyNumberOfThreads) {
  for (std::uint64_t seed = 1; seed <= 4; ++seed) {
    const model::Predictor predictor(
        random_model("4 : dense 20 | relu | dense 20 | relu | dense 2", seed));
    const Box box{std::vector<double>(4, -1), std::vector<double>(4, 1)};
    const Property property = {{{box, {{{1, -1}, -1.0}, {{1, 1}, 2.0}}}}};
    const Verdict one = verify(predictor, property, {.seconds = 1000, .threads = 1}),
                  three = verify(predictor, property, {.seconds = 1000, .threads = 3});
    EXPECT_EQ(one.answer, three.answer);
    EXPECT_EQ(one.sub_problems, three.sub_problems);
    EXPECT_EQ(one.input, three.input);
  }
}

}  // namespace
}  // namespace rectify::verify
