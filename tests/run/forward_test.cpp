// The operators that run forward only, for networks from elsewhere: held against the reference, and
// by hand.

#include <gtest/gtest.h>

#include "rectify/base/text.h"
#include "rectify/graph/functions.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

Network forward(const std::string& text, std::int64_t batch) {
  Network n{.graph = graph::parse_model(text), .batch = batch};
  draw_data(n, softmax, 5, Draw::normal);
  return n;
}

void expect_reference(const std::string& text) {
  ThreadPool threads(2);
  for (const std::int64_t batch : {1, 3, 37}) {
    const Network n = forward(text, batch);
    EXPECT_EQ(graph::model_text(graph::parse_model(graph::model_text(n.graph))),
              graph::model_text(n.graph));
    const std::vector<float> got = run_on_cpu(n, threads, false).at(n.graph.result);
    const std::vector<double> want = run_reference(n)[static_cast<std::size_t>(n.graph.result)];
    EXPECT_LT(distance(got, want), 1e-5) << text << ", batch " << batch;
  }
}

/// What a network of these numbers answers to one sample.
std::vector<float> answer(const std::string& text, const std::vector<double>& sample,
                          const std::map<std::string, std::vector<double>>& parameters = {}) {
  ThreadPool threads(2);
  Network n{.graph = graph::parse_model(text), .batch = 1};
  n.given[n.graph.find("input")] = sample;
  for (const auto& [label, numbers] : parameters) n.given[n.graph.find(label)] = numbers;
  return run_on_cpu(n, threads, false).at(n.graph.result);
}

using Floats = std::vector<float>;

TEST(Forward, ArrangeTakesElementsInAnyOrder) {
  expect_reference("4x5 : arrange 5x4 strides=1,5");
  expect_reference("4x5 : arrange 3x2x4 strides=-5,0,1 offset=11 | tanh");
  EXPECT_EQ(answer("6 : arrange 2x2 strides=-3,2 offset=3", {1, 2, 3, 4, 5, 6}),
            Floats({4, 6, 1, 3}));
}

TEST(Forward, PadContinuesAsItsModeSays) {
  for (const char* mode : {"constant value=-2.5", "edge", "reflect", "wrap"})
    expect_reference(concat("3x4x2 : pad before=2,0,1 after=1,3,0 mode=", mode));
  EXPECT_EQ(answer("3 : pad before=2 after=1 mode=reflect", {1, 2, 3}), Floats({3, 2, 1, 2, 3, 2}));
  EXPECT_EQ(answer("3 : pad before=1 after=2 mode=wrap", {1, 2, 3}), Floats({3, 1, 2, 3, 1, 2}));
  EXPECT_EQ(answer("2 : pad before=1 after=1 value=7", {1, 2}), Floats({7, 1, 2, 7}));
}

TEST(Forward, ApplyHasEveryFunction) {
  for (const std::string_view function : graph::functions_of_one) {
    const bool from_one = function == "acosh";
    const bool below_one = function == "acos" || function == "asin" || function == "atanh";
    const bool positive = function == "log" || function == "sqrt";
    const std::string range = from_one    ? "apply clip a=1.25 b=9 | "
                              : below_one ? "apply clip a=-0.75 b=0.75 | "
                              : positive  ? "apply clip a=0.25 b=9 | "
                                          : "";
    expect_reference(concat("17 : ", range, "apply ", function, " a=0.5 b=1.25"));
  }
}

TEST(Forward, PairwiseHasEveryFunctionAndRepeatsAxes) {
  for (const std::string_view function : graph::functions_of_two) {
    const std::string first = function == "power" ? "apply %0 abs" : "tanh %0";
    expect_reference(
        concat("4x5 : %1 = ", first, " ; %2 = sigmoid %0 ; %3 = pairwise %1 %2 ", function));
  }
  expect_reference("4x5 : %1 = constant %0 5 ; %2 = pairwise %0 %1 multiply");
  expect_reference("4x5 : %1 = constant %0 3x4x1 ; %2 = pairwise %1 %0 subtract");
  EXPECT_EQ(answer("2 : %1 = constant %0 2x1 ; %2 = pairwise %0 %1 add", {1, 2},
                   {{"constant1.weight", {10, 20}}}),
            Floats({11, 12, 21, 22}));
  EXPECT_EQ(answer("4 : %1 = constant %0 4 ; %2 = pairwise %0 %1 modulo", {7, -7, 7, -7},
                   {{"constant1.weight", {3, 3, -3, -3}}}),
            Floats({1, 2, -2, -1}));
}

TEST(Forward, ChooseTakesOneOfTwo) {
  expect_reference(
      "4x5 : %1 = apply %0 sign ; %2 = relu %1 ; %3 = constant %0 5 ; %4 = choose %2 %0 %3");
}

TEST(Forward, ReduceHasEveryFunction) {
  for (const std::string_view function : graph::reductions)
    for (const char* axes : {"0", "1", "0,2", "0,1,2"}) {
      if (function.starts_with("arg") && std::string_view(axes).size() > 1) continue;
      expect_reference(concat("3x4x5 : sigmoid | reduce ", function, " axes=", axes));
    }
  EXPECT_EQ(answer("2x3 : reduce argmax axes=1", {1, 5, 5, 9, 2, 3}), Floats({1, 0}));
  EXPECT_EQ(answer("2x3 : reduce max axes=0", {1, 5, 5, 9, 2, 3}), Floats({9, 5, 5}));
}

TEST(Forward, MatrixProductsRepeatTheAxesBeforeThem) {
  expect_reference("3x4x5 : %1 = transpose %0 ; %2 = matrix_product %0 %1");
  expect_reference("3x4x5 : %1 = constant %0 5x2 ; %2 = matrix_product %0 %1");
  expect_reference("4x5 : %1 = constant %0 3x2x4 ; %2 = matrix_product %1 %0");
}

TEST(Forward, GatherCountsFromEitherEnd) {
  expect_reference(
      "3x4x2 : %1 = constant %0 2x2 ; %2 = apply %1 floor ; %3 = apply %2 clip a=-1 b=1 "
      "; %4 = gather %0 %3 axis=1");
  const std::vector<float> y = answer("3 : %1 = constant %0 3 ; %2 = gather %0 %1", {5, 6, 7},
                                      {{"constant1.weight", {-1, 0, 3}}});
  EXPECT_EQ(y[0], 7);
  EXPECT_EQ(y[1], 5);
  EXPECT_TRUE(std::isnan(y[2]));
}

TEST(Forward, ResampleHasEveryMode) {
  for (const char* mode : {"nearest", "linear", "cubic"})
    for (const char* by : {"half_pixel", "pytorch_half_pixel", "asymmetric", "align_corners"})
      for (const char* rounding : {"round_prefer_floor", "round_prefer_ceil", "floor", "ceil"}) {
        expect_reference(concat("4x3x2 : resample 7 axis=0 scale=1.75 mode=", mode,
                                " coordinates=", by, " rounding=", rounding));
        expect_reference(concat("4x3x2 : resample 1 axis=1 scale=0.34 mode=", mode,
                                " coordinates=", by, " rounding=", rounding));
      }
  EXPECT_EQ(answer("2 : resample 4 scale=2 mode=linear", {0, 4}), Floats({0, 1, 3, 4}));
  EXPECT_EQ(answer("2 : resample 4 scale=2", {3, 4}), Floats({3, 3, 4, 4}));
}

TEST(Forward, ConvTransposeIsTheReference) {
  expect_reference("5x4x6 : conv_transpose 4 3x2 stride=2 groups=2");
  expect_reference("5x4x3 : conv_transpose 7 3x3 dilation=2x1 | relu");
  // 1 and 2 in windows of (1, 10), two apart.
  EXPECT_EQ(answer("1x2x1 : conv_transpose 1 1x2 stride=2", {1, 2},
                   {{"conv_transpose1.weight", {1, 10}}}),
            Floats({1, 10, 2, 20}));
}

std::string gated(const std::string& op, int gates, int units, int directions,
                  const std::string& states, const std::string& attributes) {
  const std::string d = std::to_string(directions), k = std::to_string(gates * units),
                    u = std::to_string(units);
  return concat("6x2x3 : %1 = constant %0 ", d, "x", k, "x3 ; %2 = constant %0 ", d, "x", k, "x", u,
                " ; %3 = constant %0 ", d, "x", std::to_string(2 * gates * units),
                " ; %4 = constant %0 ", d, "x2x", u, " ; ", states, op, " %0 %1 %2 %3 %4",
                attributes);
}

TEST(Forward, LstmIsTheReference) {
  for (const char* direction : {"forward", "reverse"})
    expect_reference(gated("lstm", 4, 5, 1,
                           "%5 = constant %0 1x2x5 ; %6 = ", concat(" %5 direction=", direction)));
  expect_reference(gated("lstm", 4, 5, 2, "%5 = constant %0 2x2x5 ; %6 = ", " %5 direction=both"));
  expect_reference(gated("lstm", 4, 1, 1, "%5 = constant %0 1x2x1 ; %6 = ", " %5"));
}

TEST(Forward, GruIsTheReference) {
  for (const char* reset : {"before", "after"}) {
    expect_reference(gated("gru", 3, 5, 1, "%5 = ", concat(" reset=", reset)));
    expect_reference(gated("gru", 3, 4, 2, "%5 = ", concat(" direction=both reset=", reset)));
  }
}

TEST(Forward, ConcatRepeatsWhatHasNoBatch) {
  expect_reference("4x5 : %1 = constant %0 4x2 ; %2 = concat %0 %1 ; %3 = concat %1 %2");
}

TEST(Forward, CannotBeTrained) {
  graph::Graph graph = graph::parse_model("5 : dense 5 | apply exp | dense 5");
  try {
    with_losses(std::move(graph), softmax, 1);
    FAIL() << "it has a gradient";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("apply 'apply1'"), std::string::npos) << error.what();
    EXPECT_NE(std::string(error.what()).find("forward only"), std::string::npos) << error.what();
  }
}

}  // namespace
}  // namespace rectify::run
