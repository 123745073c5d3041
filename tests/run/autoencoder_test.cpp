// What autoencoders need: noise on samples, a summed squared error, penalties.

#include <gtest/gtest.h>

#include <cmath>

#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

using graph::Attributes;
using graph::Graph;

Attributes noise_of(const std::string& kind, double noise) {
  Attributes given;
  given.set("kind", kind);
  given.set("noise", noise);
  given.set("low", -2.0);
  given.set("high", 3.0);
  return given;
}

/// An autoencoder of 3 inputs and 4 hidden units of the row, with noise on the inputs and on the
/// hidden units, tied weights and both penalties.
Network autoencoder(const std::string& row, const std::string& kind, std::uint64_t seed, Draw how) {
  Network n{.batch = 5};
  Graph& g = n.graph;
  const NodeId w = g.add_parameter(Shape{3, 4}, {}, "w"), b = g.add_parameter(Shape{4}, {}, "b");
  const NodeId back = g.add_parameter(Shape{3}, {}, "back");
  const NodeId input = g.add_input({.shape = Shape{3}}, "input");
  Attributes units, f, penalty, kl;
  units.set("units", std::int64_t{4});
  f.set("row", row);
  penalty.set("row", row);
  penalty.set("weight", 0.7);
  kl.set("target", 0.1);
  kl.set("weight", 0.5);
  const NodeId noisy = g.add("corrupt", {input}, noise_of(kind, 0.4));
  const NodeId x = g.add("dense", {noisy, w, b}, units);
  const NodeId h = g.add("activate", {x}, f);
  const NodeId dropped = g.add("corrupt", {h}, noise_of(kind, 0.3));
  g.result = g.add("dense_transposed", {dropped, w, back});
  n.losses = {g.add("squared_error", {g.result, input}),
              g.add("contractive_penalty", {x, w}, penalty)};
  if (row == "sigmoid") n.losses.push_back(g.add("kl_penalty", {h}, kl));
  n.gradients = pass::differentiate(g, n.losses);
  draw_data(n, softmax, seed, how);
  return n;
}

constexpr const char* noises[] = {"mask", "gaussian", "salt_and_pepper"};
constexpr const char* rows[] = {"sigmoid", "tanh", "softplus", "relu", "leaky_relu", "identity"};

TEST(Autoencoder, ValuesAndGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const char* kind : noises)
    for (const char* row : rows)
      expect_cpu_is_reference(autoencoder(row, kind, 3, Draw::normal), threads,
                              std::string(row) + ", " + kind);
}

TEST(Autoencoder, GradientsOfTheReferenceAreDifferences) {
  for (const char* kind : noises)
    for (const char* row : rows)
      expect_differences_agree(
          [&](std::uint64_t seed) { return autoencoder(row, kind, seed, Draw::normal); },
          std::string(row) + ", " + kind);
}

/// A graph of given values alone, computed by the CPU.
struct Computed {
  Graph graph;
  std::map<NodeId, std::vector<double>> given;

  NodeId put(const char* label, Shape shape, std::vector<double> values) {
    const NodeId id = graph.add_input({.shape = std::move(shape)}, label);
    given[id] = std::move(values);
    return id;
  }
  NodeId weight(Shape shape, std::vector<double> values) {
    const NodeId id = graph.add_parameter(std::move(shape), {}, "weight");
    given[id] = std::move(values);
    return id;
  }
  std::vector<float> value(NodeId id, std::int64_t batch, bool training = true) {
    graph.result = id;
    ThreadPool threads(2);
    const Network n{.graph = graph, .batch = batch, .given = given};
    return run_on_cpu(n, threads, false, training).at(id);
  }
};

TEST(SquaredError, IsSummedOverTheOutputsAndAMeanOverTheBatch) {
  Computed c;
  const NodeId z = c.put("z", Shape{2}, {1, 2, 3, 4}), t = c.put("t", Shape{2}, {0, 4, 3, 1});
  EXPECT_EQ(c.value(c.graph.add("squared_error", {z, t}), 2)[0], (1 + 4 + 0 + 9) / 2.0f);
}

TEST(ContractivePenalty, IsTheSquaredNormOfTheJacobian) {
  // At x = 0 the slope of sigmoid is 1/4: (1/16) (3^2 + 4^2) for the first unit, and the second
  // has no weight.
  Computed c;
  const NodeId x = c.put("x", Shape{2}, {0, 0}), w = c.weight(Shape{2, 2}, {3, 0, 4, 0});
  Attributes given;
  given.set("row", std::string("sigmoid"));
  given.set("weight", 2.0);
  EXPECT_FLOAT_EQ(c.value(c.graph.add("contractive_penalty", {x, w}, given), 1)[0], 2 * 25 / 16.0f);
}

TEST(ContractivePenalty, OfRectifiersCountsTheWeightsOfUnitsThatAreOn) {
  Computed c;
  const NodeId x = c.put("x", Shape{2}, {5, -1, 2, 3}), w = c.weight(Shape{1, 2}, {3, 2});
  Attributes given;
  given.set("row", std::string("relu"));
  given.set("weight", 1.0);
  // The first sample has the first unit on, the second sample both: (9 + 9 + 4) / 2.
  EXPECT_FLOAT_EQ(c.value(c.graph.add("contractive_penalty", {x, w}, given), 2)[0], 11.0f);
}

TEST(ContractivePenalty, RefusesAnActivationWhoseSecondDerivativeItDoesNotKnow) {
  Computed c;
  const NodeId x = c.put("x", Shape{2}, {0, 0}), w = c.weight(Shape{2, 2}, {3, 0, 4, 0});
  Attributes given;
  given.set("row", std::string("gelu"));
  EXPECT_THROW(c.graph.add("contractive_penalty", {x, w}, given), Error);
}

TEST(KlPenalty, IsTheDivergenceOfTheMeansFromTheTarget) {
  Computed c;
  const NodeId x = c.put("x", Shape{2}, {0.25, 0.75, 0.75, 0.25});  // both means are 1/2
  Attributes given;
  given.set("target", 0.25);
  given.set("weight", 3.0);
  const double one = 0.25 * std::log(0.5) + 0.75 * std::log(1.5);
  EXPECT_NEAR(c.value(c.graph.add("kl_penalty", {x}, given), 2)[0], 3 * 2 * one, 1e-6);
}

TEST(KlPenalty, OfUnitsThatAreNeverOnPullsThemUpAndIsFinite) {
  Computed c;
  const NodeId x = c.put("x", Shape{1}, {0, 0});
  const NodeId loss = c.graph.add("kl_penalty", {x});
  const NodeId slope = c.graph.add("kl_penalty_gradient", {x});
  EXPECT_GT(c.value(loss, 2)[0], 0);
  EXPECT_TRUE(std::isfinite(c.value(loss, 2)[0]));
  EXPECT_LT(c.value(slope, 2)[0], 0);
  EXPECT_TRUE(std::isfinite(c.value(slope, 2)[0]));
}

/// What 200 x 100 halves become.
std::vector<float> halves_with(const std::string& kind, double noise, bool training = true) {
  Computed c;
  const NodeId x = c.put("x", Shape{100}, std::vector<double>(20000, 0.5));
  return c.value(c.graph.add("corrupt", {x}, noise_of(kind, noise)), 200, training);
}

double share_of(const std::vector<float>& values, float value) {
  return static_cast<double>(std::ranges::count(values, value)) /
         static_cast<double>(values.size());
}

TEST(Corrupt, ByAMaskSetsTheAskedShareTo0AndLeavesTheRestAsItIs) {
  const std::vector<float> y = halves_with("mask", 0.3);
  EXPECT_NEAR(share_of(y, 0), 0.3, 5 * std::sqrt(0.3 * 0.7 / 20000));
  EXPECT_DOUBLE_EQ(share_of(y, 0) + share_of(y, 0.5f), 1);
}

TEST(Corrupt, BySaltAndPepperSetsHalfOfTheShareToEitherEnd) {
  const std::vector<float> y = halves_with("salt_and_pepper", 0.4);
  EXPECT_NEAR(share_of(y, -2), 0.2, 5 * std::sqrt(0.2 * 0.8 / 20000));
  EXPECT_NEAR(share_of(y, 3), 0.2, 5 * std::sqrt(0.2 * 0.8 / 20000));
  EXPECT_DOUBLE_EQ(share_of(y, -2) + share_of(y, 3) + share_of(y, 0.5f), 1);
}

TEST(Corrupt, ByNormalNumbersHasTheAskedDeviation) {
  double sum = 0, square = 0;
  for (const float y : halves_with("gaussian", 0.2)) {
    sum += y - 0.5;
    square += (y - 0.5) * (y - 0.5);
  }
  EXPECT_NEAR(sum / 20000, 0, 5 * 0.2 / std::sqrt(20000.0));
  EXPECT_NEAR(std::sqrt(square / 20000), 0.2, 5 * 0.2 / std::sqrt(2 * 20000.0));
}

TEST(Corrupt, LeavesSamplesCleanInInferenceAndWithoutNoise) {
  for (const char* kind : noises) {
    EXPECT_EQ(share_of(halves_with(kind, 0.4, false), 0.5f), 1) << kind;
    EXPECT_EQ(share_of(halves_with(kind, 0), 0.5f), 1) << kind;
  }
}

TEST(Corrupt, RefusesAShareOfAllElements) {
  EXPECT_THROW(halves_with("mask", 1), Error);
  EXPECT_NO_THROW(halves_with("gaussian", 1));
}

}  // namespace
}  // namespace rectify::run
