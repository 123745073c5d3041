// Gates, and maxout: which numbers of the last axis meet.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

/// The value of `item` on one or more samples.
std::vector<float> value_of(const std::string& shape, const std::string& item,
                            const std::vector<double>& x) {
  Network n{.graph = graph::parse_model(shape + " : " + item + " as f")};
  const graph::Node& input = n.graph.node(n.graph.find("input"));
  n.batch = static_cast<std::int64_t>(x.size()) / input.type.shape.size();
  n.given[n.graph.find("input")] = x;
  ThreadPool threads(2);
  return run_on_cpu(n, threads, true).at(n.graph.find("f"));
}

TEST(Gate, MultipliesTheHalvesOfTheLastAxis) {
  EXPECT_EQ(value_of("4", "reglu", {2, -3, 5, 7, -1, 4, 6, 0.5}),
            (std::vector<float>{10, 0, 0, 2}));
  EXPECT_EQ(value_of("4", "reglu gate=second", {2, -3, 5, 7, -1, 4, 6, -0.5}),
            (std::vector<float>{10, -21, -6, 0}));
  EXPECT_EQ(value_of("2x2", "bilinear", {2, -3, 5, 7}), (std::vector<float>{-6, 35}))
      << "each row has halves of its own";
}

TEST(Gate, OfEachNameAppliesItsFunction) {
  const double a = 0.75, b = -1.5;
  const double sigmoid = 1 / (1 + std::exp(-a)), cdf = std::erfc(-a / std::sqrt(2.0)) / 2;
  const std::pair<const char*, double> cases[] = {{"glu", sigmoid},   {"reglu", a},
                                                  {"geglu", a * cdf}, {"swiglu", a * sigmoid},
                                                  {"bilinear", a},    {"gate tanh", std::tanh(a)},
                                                  {"gate elu a=2", a}};
  for (const auto& [item, f] : cases) {
    EXPECT_FLOAT_EQ(value_of("2", item, {a, b})[0], static_cast<float>(f * b)) << item;
    EXPECT_FLOAT_EQ(value_of("2", concat(item, " gate=second"), {b, a})[0],
                    static_cast<float>(f * b))
        << item;
  }
}

TEST(Gate, PassesOnNanAlone) {
  for (const std::string item : {"glu", "reglu", "swiglu", "bilinear"}) {
    const std::vector<float> y = value_of("4", item, {1, 2, std::nan(""), 4, 1, 2, 3, 4});
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i == 0) << item;
  }
}

/// dense 2 on the input 1, so that the weights are the item's input; the loss is its value squared.
Network pair_at(const std::string& item, double first, double second) {
  const LossCase square{"mean_squared_error", Target::numbers, 1};
  Network n = with_losses(graph::parse_model("1 : dense 2 bias=no | " + item), square, 1);
  n.given[n.graph.find("input")] = {1};
  n.given[n.graph.find("dense1.weight")] = {first, second};
  n.given[n.graph.find("target")] = {-1};
  return n;
}

void expect_gradient(Network n, std::size_t i, double share, const std::string& what) {
  const NodeId weight = n.graph.find("dense1.weight"), gradient = n.gradients.at(weight);
  const auto [left, right] = one_sided(n, weight, i, 1e-6);
  ASSERT_GT(std::abs(right - left), 0.1) << what << " has no kink here";
  const double want = left + share * (right - left);
  EXPECT_NEAR(run_reference(n)[gradient][i], want, 1e-5) << what;
  ThreadPool threads(1);
  EXPECT_NEAR(run_on_cpu(n, threads, false)[gradient][i], want, 1e-5) << what;
}

TEST(Gate, AtAKinkTakesTheSideOfItsRow) {
  expect_gradient(pair_at("reglu", 0, 2), 0, 0, "reglu");
  expect_gradient(pair_at("reglu gate=second", 2, 0), 1, 0, "reglu gate=second");
  expect_gradient(pair_at("gate relu kink=1", 0, 2), 0, 1, "gate relu kink=1");
}

TEST(Maxout, IsTheLargestOfThePieces) {
  const std::vector<double> x = {1, 5, -2, 4, 3, 6, -7, -8, -9, -7, -10, -8};
  EXPECT_EQ(value_of("6", "maxout 2", x), (std::vector<float>{4, 5, 6, -7, -8, -8}));
  EXPECT_EQ(value_of("6", "maxout 3", x), (std::vector<float>{3, 6, -7, -7}));
  EXPECT_EQ(value_of("6", "maxout 6", x), (std::vector<float>{6, -7}));
  EXPECT_EQ(value_of("6", "maxout 1", x), (std::vector<float>(x.begin(), x.end())));
  EXPECT_EQ(value_of("3x2", "maxout 2", x), (std::vector<float>{5, 4, 6, -7, -7, -8}));
}

TEST(Maxout, PassesOnNanFromAnyPiece) {
  for (const std::size_t at : {0, 2, 4}) {
    std::vector<double> x = {1, inf, 5, -inf, 3, -inf};
    x[at] = std::nan("");
    const std::vector<float> y = value_of("6", "maxout 3", x);
    EXPECT_TRUE(std::isnan(y[0])) << at;
    EXPECT_EQ(y[1], inf);
  }
  EXPECT_EQ(value_of("2", "maxout 2", {-inf, -inf})[0], -inf);
}

TEST(Maxout, GivesTheGradientToTheFirstOfTheLargest) {
  expect_gradient(pair_at("maxout 2", 0.5, 0.5), 0, 1, "the first wins a tie");
  expect_gradient(pair_at("maxout 2", 0.5, 0.5), 1, 0, "the second does not");
}

TEST(Maxout, GradientOfManyTiedPiecesIsTheReferences) {
  ThreadPool threads(2);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  // Every sample is 0, so that all pieces are their biases, which are few different numbers.
  for (const std::int64_t width : {12, 600, 3000}) {
    Network n =
        network(concat("3 : dense ", width, " | maxout 4 | dense 5"), loss, 9, 2, Draw::grid);
    n.given[n.graph.find("input")].assign(27, 0.0);
    expect_cpu_is_reference(n, threads, concat("width ", width));
  }
}

}  // namespace
}  // namespace rectify::run
