// A certificate is accepted where it proves its claim, and nothing else is.

#include "rectify/verify/check.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <memory>

#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/verify/certify.h"
#include "rectify/verify/checker.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/neuron_search.h"
#include "tests/helpers.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

/// y0 = relu(x) - relu(x), which is 0. Bounds see it only in parts where x has one sign. Layers:
/// the input, both x, both relus, y.
model::Predictor zero() {
  model::Model model("1 : dense 2 | relu | dense 1");
  set_parameter(model, "dense1.weight", {1, 1});
  set_parameter(model, "dense2.weight", {1, -1});
  return model::Predictor(std::move(model));
}

/// Unsafe: an x in [-1, 1] with y0 at most -0.1.
Property below_zero() { return {{{{{-1}, {1}}, {{{1}, -0.1}}}}}; }

Certificate with_steps(const model::Predictor& predictor, const Property& property,
                       const std::string& steps) {
  Certificate certificate{hash_of(network_of(predictor)), hash_of(property), Answer::holds};
  certificate.steps = steps, certificate.first_line = 5;
  return certificate;
}

/// Why the steps are refused; empty: they are not.
std::string refusal(const std::string& steps) {
  const model::Predictor predictor = zero();
  const Property property = below_zero();
  const Certificate certificate = with_steps(predictor, property, steps);
  return error_of([&] { check(predictor, property, certificate, "c"); });
}

TEST(Check, AcceptsProofsByHalvesOfTheBoxAndByDecisions) {
  EXPECT_EQ(refusal("root 0\nsplit 0 0\nnarrow\nnarrow\n"), "");
  // Two narrows each: the first cuts the box by what is decided.
  EXPECT_EQ(refusal("root 0\nnarrow\ndecide 1:0\nnarrow\nnarrow\nnarrow\nnarrow\n"), "");
  EXPECT_EQ(refusal("root 0\nsplit 0 -0.9\nnarrow\nsplit 0 0\nnarrow\nnarrow\n"), "");
}

TEST(Check, RefusesProofsWithAGap) {
  const auto expect = [](const std::string& steps, const std::string& part) {
    EXPECT_TRUE(contains(refusal(steps), part)) << refusal(steps) << "\n" << steps;
  };
  expect("", "says nothing about case 0");
  expect("root 0\nnarrow\n",
         "line 6: the certificate ends here, and 1 sub-problems are not proven");
  expect("root 0\nsplit 0 0\nnarrow\n", "1 sub-problems are not proven");
  expect("root 0\nsplit 0 0.5\nnarrow\nnarrow\n", "2 sub-problems are not proven");
  expect("root 0\nsplit 0 0\nnarrow\nnarrow\nnarrow\n", "line 9: there is nothing left to prove");
  expect("root 0\nsplit 0 2\nnarrow\nnarrow\n", "line 6: the box has no 2 on axis 0");
  expect("root 0\nsplit 1 0\nnarrow\nnarrow\n", "the box has no 0 on axis 1");
  expect("root 1\nnarrow\n", "the property has no case 1");
  expect("root 0\nroot 0\n", "1 sub-problems are not proven yet");
  expect("root 0\ndecide 1:0\nnarrow\nnarrow\n", "a number is decided before 'narrow'");
  expect("root 0\nnarrow\ndecide 2:0\n", "2:0 is no number that can be decided");
  expect("root 0\nnarrow\ndecide 1:2\n", "1:2 is no number that can be decided");
  expect("root 0\nnarrow\ndecide 9:0\n", "9:0 is no number that can be decided");
  expect("root 0\nnarrow\nproven 0 h0:1\n", "case 0 is not proven: the bound is -0.");
  expect("root 0\nproven 0 h0:1\n", "the bound is -inf");
  expect("root 0\nnarrow\nproven 0 h1:1\n", "weight 1 is not one of the 1 half spaces");
  expect("root 0\nnarrow\nproven 0 h0:1 h0:1\n", "each once and in order");
  expect("root 0\nnarrow\nproven 0 h0:1 d0:1\n", "weight 0 is not one of the 0 decisions");
  expect("root 0\nnarrow\nproven 0\n", "the bound is -");
  expect("root 0\nnarrow\nproven 7 h0:1\n", "case 7 is not open here");
  expect("root 0\nnarrow\nproven 0 h0:1 s1:ff\n", "there are 2 slopes for 0 numbers");
  expect("root 0\nnumbers 1:0\n", "1:0 is no number of a relu");
  expect("root 0\nalone 3\n", "case 3 is not open here");
}

TEST(Check, TakesBoundsOfHiddenNumbersWhereTheyAreProven) {
  const std::string end = "split 0 0\nnarrow\nnarrow\n";
  const auto with = [&](const std::string& claim) {
    return refusal("root 0\nnarrow\n" + claim + end);
  };
  EXPECT_EQ(with("claim 1:0 > -1.01\nproven 0 h0:1\nclaim 1:1 < 1.01\nproven 0 h0:1\n"), "");
  // The first narrow leaves x in [-0.8, 1]: elsewhere -(x + 1) / 2 is above -0.1.
  EXPECT_TRUE(contains(with("claim 1:0 > -0.5\nproven 0 h0:1\n"), "the bound is -0.3"));
  EXPECT_TRUE(contains(with("claim 1:0 < 0.5\nproven 0 h0:1\n"), "the bound is -0.5"));
  EXPECT_TRUE(contains(with("claim 1:0 > -0.5\nnarrow\n"), "the box has no 0 on axis 0"));
  EXPECT_TRUE(contains(with("claim 2:0 > -5\n"), "2:0 is no number that can be decided"));
  EXPECT_TRUE(contains(with("claim 1:0 > -5\nproven 0 h1:1\n"), "one of the 1 half spaces"));
  EXPECT_TRUE(contains(refusal("root 0\nclaim 1:0 > -5\n"), "before 'narrow'"));
}

TEST(Check, RefusesLinesThatAreNoSteps) {
  for (const char* line : {"",
                           "narrows",
                           "narrow 1",
                           "root",
                           "root x",
                           "root -1",
                           "split 0",
                           "split 0 nan",
                           "split 0 inf",
                           "split 0 1 2",
                           "decide 1",
                           "decide 1:2:3",
                           "proven",
                           "proven 0 x0:1",
                           "proven 0 h0:-1",
                           "proven 0 h0:nan",
                           "proven 0 h:1",
                           "proven 0 s0:",
                           "proven 0 s9:ff",
                           "proven 0 s2:fff",
                           "proven 0 s1:g",
                           "numbers 1",
                           "alone",
                           "alone 0 1",
                           "forget 0",
                           "claim 1:0",
                           "claim 1:0 = 1",
                           "claim 1:0 > nan",
                           "claim 1 > 1",
                           "claim 1:0 > 1 2"})
    EXPECT_TRUE(contains(refusal(concat("root 0\n", line, "\n")), "'c' line 6: '")) << line;
}

TEST(Check, IsNotFooledByOtherNetworksPropertiesOrCases) {
  const model::Predictor predictor = zero();
  const Property property = below_zero();
  const Certificate certificate =
      with_steps(predictor, property, "root 0\nsplit 0 0\nnarrow\nnarrow\n");
  EXPECT_EQ(check(predictor, property, certificate, "c").sub_problems, 2u);
  Property other = property;
  other.cases[0].outputs[0].bound = -0.2;
  EXPECT_TRUE(contains(error_of([&] { check(predictor, other, certificate, "c"); }),
                       "'c' is about another property"));
  const model::Predictor wider(random_model("1 : dense 2 | relu | dense 1", 1));
  EXPECT_TRUE(contains(error_of([&] { check(wider, property, certificate, "c"); }),
                       "'c' is about another network"));
  // The same steps for a bound that the outputs do reach.
  other.cases[0].outputs[0].bound = 0.1;
  EXPECT_TRUE(contains(error_of([&] {
                         check(predictor, other, with_steps(predictor, other, certificate.steps),
                               "c");
                       }),
                       "sub-problems are not proven"));
  // A second case, of which nothing is said, and one that no input can be in.
  other = property;
  other.cases.push_back({{{0.5}, {1}}, {{{1}, -0.1}}});
  EXPECT_TRUE(contains(error_of([&] {
                         check(predictor, other, with_steps(predictor, other, certificate.steps),
                               "c");
                       }),
                       "says nothing about case 1"));
  EXPECT_TRUE(contains(
      error_of([&] { check(predictor, other, with_steps(predictor, other, "root 0 1\n"), "c"); }),
      "case 1 has another box than case 0"));
  other.cases[1].inputs = {{1}, {-1}};
  EXPECT_EQ(error_of([&] {
              check(predictor, other, with_steps(predictor, other, certificate.steps), "c");
            }),
            "");
}

TEST(Check, LooksAtCounterexamplesItself) {
  const model::Predictor predictor = zero();
  const Property property = {{{{{-1}, {1}}, {{{1}, 0.5}}}}};
  Certificate certificate{hash_of(network_of(predictor)), hash_of(property), Answer::violated};
  certificate.input = {0.25f};
  const auto text = [&] { return error_of([&] { check(predictor, property, certificate, "c"); }); };
  EXPECT_EQ(text(), "");
  certificate.input = {1.25f};
  EXPECT_TRUE(contains(text(), "number 0 of the counterexample is 1.25, outside")) << text();
  certificate.input = {0, 0};
  EXPECT_TRUE(contains(text(), "has 2 numbers, but the network takes 1"));
  certificate.input = {0}, certificate.at = 1;
  EXPECT_TRUE(contains(text(), "the property has no case 1"));
  const Property safe = below_zero();
  certificate.at = 0, certificate.property = hash_of(safe);
  EXPECT_TRUE(contains(error_of([&] { check(predictor, safe, certificate, "c"); }),
                       "are not in half space 0 of case 0"));
}

/// A network of one input whose least c y is known.
struct KnownNetwork {
  std::unique_ptr<model::Predictor> predictor;
  std::vector<double> c;
  double low, high, least;
};
KnownNetwork known_network(std::uint64_t seed) {
  const char* text = "1 : dense 10 | relu | dense 3";
  const Random random(seed, 99);
  const model::Model model = random_model(text, seed);
  KnownNetwork known{std::make_unique<model::Predictor>(random_model(text, seed)),
                     {random.normal(0), random.normal(1), random.normal(2)},
                     random.normal(3)};
  known.high = known.low + 2 * random.uniform(20);
  const auto numbers = [&](const char* label) {
    const run::ParameterSlot& slot = model.layout.slot_of(model.graph.find(label));
    return std::vector<double>(model.parameters.data() + slot.offset,
                               model.parameters.data() + slot.offset + slot.size);
  };
  const auto w1 = numbers("dense1.weight"), b1 = numbers("dense1.bias"),
             w2 = numbers("dense2.weight"), b2 = numbers("dense2.bias");
  const auto value = [&](double x) {
    double sum = 0;
    for (std::size_t o = 0; o < 3; ++o) {
      double y = b2[o];
      for (std::size_t h = 0; h < 10; ++h) y += std::max(0.0, w1[h] * x + b1[h]) * w2[h * 3 + o];
      sum += known.c[o] * y;
    }
    return sum;
  };
  known.least = std::min(value(known.low), value(known.high));
  for (std::size_t h = 0; h < 10; ++h)
    if (const double kink = -b1[h] / w1[h]; kink > known.low && kink < known.high)
      known.least = std::min(known.least, value(kink));
  return known;
}

Property above(const KnownNetwork& known, double off) {
  return {{{{{known.low}, {known.high}}, {{known.c, known.least + off}}}}};
}

/// The certificate of a property that holds by a margin, by either search.
std::string certified(const KnownNetwork& known, bool by_neurons, double margin = 0.01) {
  const Property property = above(known, -margin);
  Record record;
  const Limits limits{.seconds = 1000, .threads = 1, .record = &record};
  Verdict verdict;
  if (by_neurons) {
    const Network network = network_of(*known.predictor);
    NeuronSearch(*known.predictor, Structure(network), property)
        .run(limits, Deadline(limits), verdict);
  } else {
    verdict = verify(*known.predictor, property, limits);
  }
  if (verdict.answer != Answer::holds) return {};
  return text_of(certify(*known.predictor, property, verdict, record));
}

TEST(Check, AcceptsWhatBothSearchesProve) {
  std::size_t accepted[2] = {};
  for (std::uint64_t seed = 1; seed <= 60; ++seed) {
    const KnownNetwork known = known_network(seed);
    const Property property = above(known, -0.01);
    for (const bool by_neurons : {false, true}) {
      const std::string text = certified(known, by_neurons);
      if (text.empty()) continue;
      const Certificate certificate = parse_certificate(text, "c");
      EXPECT_EQ(error_of([&] { check(*known.predictor, property, certificate, "c"); }), "")
          << seed << text;
      EXPECT_EQ(text_of(certificate), text);
      ++accepted[by_neurons];
    }
  }
  EXPECT_EQ(accepted[0], 60u);
  EXPECT_GE(accepted[1], 50u);
}

/// A random change of meaning: lines dropped, doubled or swapped, or a number of a line changed.
std::string changed(const std::string& steps, const Random& random, std::uint64_t n) {
  std::vector<std::string> lines = split(steps, '\n');
  lines.pop_back();
  const auto draw = [&](std::uint64_t i, std::size_t below) {
    return static_cast<std::size_t>(random.uniform(16 * n + i) * static_cast<double>(below));
  };
  const std::size_t at = draw(0, lines.size()), other = draw(1, lines.size());
  switch (n % 4) {
    case 0:
      lines.erase(lines.begin() + static_cast<std::ptrdiff_t>(at));
      break;
    case 1:
      lines.insert(lines.begin() + static_cast<std::ptrdiff_t>(at), lines[other]);
      break;
    case 2:
      std::swap(lines[at], lines[other]);
      break;
    default: {
      std::string& line = lines[at];
      for (char& letter : line)
        if (letter >= '0' && letter <= '9' && random.uniform(16 * n + 5) < 0.7)
          letter = static_cast<char>('0' + draw(6, 10));
    }
  }
  std::string text;
  for (const std::string& line : lines) text += line + "\n";
  return text;
}

// Whatever is done to a proof, it never proves what is false: the least value is known.
TEST(Check, NeverAcceptsAProofOfWhatIsFalse) {
  std::size_t tried = 0;
  for (std::uint64_t seed = 1; seed <= 30; ++seed) {
    const KnownNetwork known = known_network(seed);
    const Property lie = above(known, 1e-3);
    for (const bool by_neurons : {false, true}) {
      const std::string text = certified(known, by_neurons);
      if (text.empty()) continue;
      Certificate certificate = parse_certificate(text, "c");
      certificate.property = hash_of(lie);
      const std::string steps = certificate.steps;
      const Random random(seed, by_neurons);
      for (std::uint64_t n = 0; n < 40; ++n, ++tried) {
        EXPECT_NE(error_of([&] { check(*known.predictor, lie, certificate, "c"); }), "")
            << certificate.steps;
        certificate.steps = changed(n % 8 == 7 ? steps : certificate.steps, random, n);
      }
    }
  }
  EXPECT_GE(tried, 1000u);
}

const char* const certified_networks[] = {
    "3 : dense 6 | relu | dense 6 | relu | dense 2",
    "3 : dense 6 | batch_norm | relu | dense 6 | batch_norm affine=no | relu | dense 2",
    "3 : dense 8 | maxout 2 | dense 9 | maxout 3 | dense 2",
    "3 : dense 6 | hard_tanh | dense 6 | leaky_relu | dense 2",
    "3 : dense 6 | relu | residual(dense 6 | relu | dense 6) | relu | dense 2",
    "4x4x2 : conv 3 3x3 | relu | max_pool 2 | flatten | dense 2",
    "4x4x2 : dense_block(conv 2 3x3 | relu) | relu | global_avg_pool | dense 2",
    "4x3 : positions | dense 5 | relu | flatten | dense 2"};

// Inputs are drawn; a bound above what the predictor computes for one of them would be wrong.
TEST(Checker, BoundsWhatThePredictorComputesForEveryKindOfLayer) {
  for (const char* text : certified_networks)
    for (std::uint64_t seed = 1; seed <= 3; ++seed) {
      const model::Predictor predictor(random_model(text, seed));
      const Network network = network_of(predictor);
      const Random random(seed, 3);
      const std::size_t in = network.inputs();
      Box box;
      for (std::size_t i = 0; i < in; ++i) {
        box.lower.push_back(static_cast<float>(random.normal(i)));
        box.upper.push_back(box.lower[i] + 0.5);
      }
      const Property property = {{{box, {{{1, -1}, 0}, {{-1, 1}, 0}}}}};
      const Checker checker(network, property);
      SubProblem sub = checker.root(0, {0});
      ASSERT_TRUE(checker.narrow(sub));
      const std::vector<Line> lines = checker.lines_of(sub);
      const Weights first{.halves = {{0, 1}}}, second{.halves = {{1, 1}}};
      const double low = checker.margin(sub, 0, first, {}),
                   high = checker.margin(sub, 0, second, {});
      EXPECT_GT(low, -1e3);
      std::vector<float> x(in), y(2);
      for (std::size_t n = 0; n < 1000; ++n) {
        double at[2] = {lines[0].offset, lines[1].offset};
        for (std::size_t i = 0; i < in; ++i) {
          const double share = random.uniform(100 + n * in + i);
          x[i] = static_cast<float>(box.lower[i] + 0.5 * (n % 2 == 0 ? share : std::round(share)));
          for (std::size_t f = 0; f < 2; ++f) at[f] += lines[f].slopes[i] * x[i];
        }
        predictor.run(x, y);
        const double difference = double{y[0]} - y[1];
        EXPECT_GE(difference, at[0] - 1e-9) << text;
        EXPECT_GE(-difference, at[1] - 1e-9) << text;
        EXPECT_GE(difference, low) << text;
        EXPECT_GE(-difference, high) << text;
      }
    }
}

TEST(Check, AcceptsProofsAboutEveryKindOfLayer) {
  for (const char* text : certified_networks) {
    const model::Predictor predictor(random_model(text, 5));
    const std::size_t in = predictor.inputs();
    const Box box{std::vector<double>(in, 0.0), std::vector<double>(in, 0.2)};
    // What drawn inputs reach, and less.
    const Random random(5, 8);
    double least = 1e30;
    std::vector<float> x(in), y(2);
    for (std::size_t n = 0; n < 500; ++n) {
      for (std::size_t i = 0; i < in; ++i)
        x[i] = static_cast<float>(0.2 * std::round(random.uniform(n * in + i)));
      predictor.run(x, y);
      least = std::min(least, double{y[0]} - y[1]);
    }
    const Property property = {{{box, {{{1, -1}, least - 1.5}}}, {box, {{{1, -1}, least - 1.6}}}}};
    Record record;
    const Verdict verdict =
        verify(predictor, property, {.seconds = 1000, .threads = 1, .record = &record});
    ASSERT_EQ(verdict.answer, Answer::holds) << text << verdict.why;
    const Certificate certificate = certify(predictor, property, verdict, record);
    const Checked checked = check(predictor, property, certificate, "c");
    EXPECT_EQ(checked.answer, Answer::holds);
    EXPECT_GE(checked.sub_problems, 1u);
  }
}

/// Drawn slopes with which some hidden numbers have better bounds than by the usual ones.
Record::Refinement drawn_refinement(const Checker& checker, const SubProblem& sub) {
  const Network& network = checker.network();
  Record::Refinement all{0, {}, {}};
  std::vector<Number> numbers;
  std::size_t second = 0;
  for (std::uint32_t l = 0; l < network.layers.size() && second == 0; ++l) {
    if (network.layers[l].kind != Kind::relu) continue;
    if (!numbers.empty()) second = network.layers[l].source;
    for (std::uint32_t i = 0; i < network.layers[l].width && second == 0; ++i)
      all.open.push_back({l, i, false}), numbers.push_back({l, i});
  }
  const Random random(1, 2);
  for (std::uint32_t i = 0; i < network.layers[second].width; ++i) {
    const Number at{static_cast<std::uint32_t>(second), i};
    Record::Claim best{
        {at.layer, at.number, true}, sub.known->lower[checker.first(second) + i], {}};
    for (std::uint64_t n = 0; n < 200; ++n) {
      Weights weights{.halves = {{0, 1}}, .digits = 6};
      Record::Leaf leaf{0, {}, {}, {}};
      for (std::size_t k = 0; k < numbers.size(); ++k) {
        leaf.slopes.push_back(static_cast<float>(random.uniform(n * 64 + k)));
        weights.slopes.push_back(
            static_cast<std::uint32_t>(leaf.slopes[k] * Weights::steps(weights.digits)));
      }
      const double margin = checker.margin(checker.asking(sub, {at, true, 0}), 0, weights, numbers);
      if (margin > best.value) best.value = margin, best.leaves = {leaf};
    }
    if (!best.leaves.empty()) all.claims.push_back(best);
  }
  return all;
}

TEST(Check, AcceptsBoundsOfHiddenNumbersWithSlopesOfTheirOwn) {
  const model::Predictor predictor(
      random_model("3 : dense 8 | relu | dense 8 | relu | dense 2", 3));
  const Network network = network_of(predictor);
  const Box box{{-1, -1, -1}, {1, 1, 1}};
  Property property = {{{box, {{{1, -1}, 0}}}}};
  const Checker checker(network, property);
  SubProblem sub = checker.root(0, {0});
  ASSERT_TRUE(checker.narrow(sub));
  Record record;
  record.refinements.push_back(drawn_refinement(checker, sub));
  ASSERT_GE(record.refinements[0].claims.size(), 1u);
  // A little more than what the usual bounds prove.
  property.cases[0].outputs[0].bound = checker.margin(sub, 0, {.halves = {{0, 1}}}, {}) + 1e-6;
  record.cases.push_back({0, record.refinements[0].open, {{0, {}, {}, {}}}});
  Verdict verdict;
  verdict.answer = Answer::holds;
  const Certificate certificate = certify(predictor, property, verdict, record);
  EXPECT_TRUE(contains(certificate.steps, "\nclaim ")) << certificate.steps;
  EXPECT_EQ(error_of([&] { check(predictor, property, certificate, "c"); }), "");
}

TEST(Check, StopsWhenAsked) {
  const KnownNetwork known = known_network(1);
  const Certificate certificate = parse_certificate(certified(known, false), "c");
  const Property property = above(known, -0.01);
  EXPECT_EQ(check(*known.predictor, property, certificate, "c", [] { return true; }).answer,
            Answer::unknown);
}

}  // namespace
}  // namespace rectify::verify
