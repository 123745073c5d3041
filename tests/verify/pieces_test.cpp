// Answers of both searches against the least value of all linear pieces.
//
//     RECTIFY_EXACT_NETWORKS=100000 build/tests/test_verify --gtest_filter='Pieces.*'
//
// With RECTIFY_EXACT_FIRST=50001 networks 50001 and up are drawn, so that processes can share them.

#include "tests/verify/pieces.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <iostream>
#include <memory>

#include "rectify/base/random.h"
#include "rectify/verify/neuron_search.h"
#include "rectify/verify/verify.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

/// What float32 may change, relative to the sizes of the functions.
constexpr double rounding_margin = 1e-5;

std::size_t number_from(const char* variable, std::size_t otherwise) {
  const char* asked = std::getenv(variable);
  return asked ? std::strtoull(asked, nullptr, 10) : otherwise;
}

/// A drawn network with a drawn property, and what is true of it.
struct Question {
  std::unique_ptr<model::Predictor> predictor;
  Property property;
  bool is_violated = false, rounding_decides = false;
  std::size_t pieces = 0;
  std::string text;
};

class Draw {
 public:
  explicit Draw(std::uint64_t seed) : random_(seed, 0x9ece) {}
  double uniform() { return random_.uniform(next_++); }
  double normal() { return random_.normal(next_++); }
  std::size_t of(std::size_t n) {
    return std::min(n - 1, static_cast<std::size_t>(uniform() * static_cast<double>(n)));
  }

 private:
  Random random_;
  std::uint64_t next_ = 0;
};

Unsafe drawn_case(const PieceNetwork& network, std::size_t inputs, Draw& draw, Question& question) {
  Unsafe unsafe;
  const double width = 0.05 * std::pow(60, draw.uniform());
  for (std::size_t i = 0; i < inputs; ++i) {
    const double middle = draw.normal(), half = draw.of(8) == 0 ? 0 : width * draw.uniform();
    unsafe.inputs.lower.push_back(middle - half), unsafe.inputs.upper.push_back(middle + half);
  }
  const std::size_t half_spaces = 1 + (draw.of(3) == 0 ? 1 + draw.of(2) : 0);
  for (std::size_t h = 0; h < half_spaces; ++h)
    unsafe.outputs.push_back({{draw.normal(), draw.normal()}, draw.normal()});
  const Look look = [&](std::span<const double> x, std::vector<double>& sides) {
    const std::vector<double> y = network.outputs(x, sides);
    std::vector<double> above;
    for (const HalfSpace& half : unsafe.outputs)
      above.push_back(half.coefficients[0] * y[0] + half.coefficients[1] * y[1] - half.bound);
    return above;
  };
  const Least least = least_of_largest(look, unsafe.inputs.lower, unsafe.inputs.upper);
  const double size = 1 + least.size;
  // The bounds move together, so that the least value becomes `off`.
  const double off = size * std::pow(10, -5.5 * draw.uniform()) * (draw.of(2) == 0 ? -1 : 1);
  for (HalfSpace& half : unsafe.outputs) half.bound += least.value - off;
  if (std::abs(off) < rounding_margin * size)
    question.rounding_decides = true;
  else if (off < 0)
    question.is_violated = true;
  question.pieces += least.pieces;
  return unsafe;
}

Question drawn(std::uint64_t seed) {
  const char* const activations[] = {"relu",      "relu",  "leaky_relu",   "prelu",
                                     "hard_tanh", "relu6", "hard_sigmoid", "maxout"};
  Draw draw(seed);
  const std::size_t inputs = 2 + draw.of(2);
  std::string text = std::to_string(inputs) + " : ";
  std::vector<std::string> chosen;
  for (int layer = 0; layer < 2; ++layer) {
    const std::string activation = activations[draw.of(std::size(activations))];
    const std::size_t width = 2 * (1 + draw.of(2)) + (activation == "maxout" ? 2 : draw.of(2));
    text += "dense " + std::to_string(width) + " | " + activation +
            (activation == "leaky_relu" ? " a=0.2"
             : activation == "maxout"   ? " 2"
                                        : "") +
            " | ";
    chosen.push_back(activation);
  }
  text += "dense 2";
  model::Model model = random_model(text, seed);
  // Larger weights reach the kinks of bounded activations.
  for (std::size_t i = 0; i < model.parameters.size(); ++i) model.parameters.data()[i] *= 1.5f;
  const PieceNetwork network(model, chosen);
  Question question;
  question.predictor = std::make_unique<model::Predictor>(std::move(model)), question.text = text;
  for (std::size_t n = 0, cases = 1 + draw.of(2); n < cases; ++n)
    question.property.cases.push_back(drawn_case(network, inputs, draw, question));
  return question;
}

struct Tally {
  std::size_t right = 0, unknown = 0, rounding = 0, wrong = 0;
  void add(const Question& question, const Verdict& verdict, std::uint64_t seed) {
    const bool is_unknown = verdict.answer == Answer::unknown;
    // One case may be violated beyond doubt while rounding decides another.
    if (question.rounding_decides && !question.is_violated) {
      ++rounding;
    } else if (is_unknown) {
      ++unknown;
    } else if ((verdict.answer == Answer::violated) == question.is_violated) {
      ++right;
    } else {
      ++wrong;
      ADD_FAILURE() << "network " << seed << " " << question.text << " is "
                    << (question.is_violated ? "violated" : "safe");
    }
  }
};

TEST(Pieces, NoAnswerOfEitherSearchContradictsThem) {
  const std::size_t count = number_from("RECTIFY_EXACT_NETWORKS", 300);
  const std::size_t start = number_from("RECTIFY_EXACT_FIRST", 1);
  Tally by_inputs, by_neurons;
  std::size_t pieces = 0;
  for (std::uint64_t seed = start; seed < start + count; ++seed) {
    const Question question = drawn(seed);
    pieces += question.pieces;
    const Limits limits{.seconds = 1000, .threads = 1, .boxes = 20000};
    by_inputs.add(question, verify(*question.predictor, question.property, limits), seed);
    const Network network = network_of(*question.predictor);
    Verdict verdict;
    NeuronSearch(*question.predictor, Structure(network), question.property)
        .run(limits, Deadline(limits), verdict);
    by_neurons.add(question, verdict, seed);
  }
  for (const Tally& tally : {by_inputs, by_neurons})
    std::cout << count << " networks, " << pieces << " pieces: " << tally.right << " right, "
              << tally.unknown << " unknown, " << tally.wrong << " wrong; rounding decides "
              << tally.rounding << '\n';
  EXPECT_GE(by_inputs.right, 95 * (count - by_inputs.rounding) / 100);
  EXPECT_GE(by_neurons.right, 60 * (count - by_neurons.rounding) / 100);
}

// |x0| + |x1| - 1 on [-1, 2] x [-3, 1] is -1 at 0; the larger of x0 and -x1 - 1 is least at
// x0 = -1 = -x1 - 1, that is -1 for all x1 from 0 on.
TEST(Pieces, LeastValuesThatAreKnown) {
  const std::vector<double> lower = {-1, -3}, upper = {2, 1};
  const Look sizes = [](std::span<const double> x, std::vector<double>& sides) {
    sides = {x[0], x[1]};
    return std::vector<double>{std::abs(x[0]) + std::abs(x[1]) - 1};
  };
  const Least least = least_of_largest(sizes, lower, upper);
  EXPECT_DOUBLE_EQ(least.value, -1);
  EXPECT_DOUBLE_EQ(least.size, 4);
  EXPECT_GE(least.pieces, 8u) << "each quarter is two triangles at least";
  const Look largest = [](std::span<const double> x, std::vector<double>&) {
    return std::vector<double>{x[0], -x[1] - 1};
  };
  EXPECT_DOUBLE_EQ(least_of_largest(largest, lower, upper).value, -1);
}

}  // namespace
}  // namespace rectify::verify
