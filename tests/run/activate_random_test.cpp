// Activations whose numbers are drawn: their distributions, and where the numbers come from.

#include <gtest/gtest.h>

#include <cmath>
#include <limits>
#include <numbers>
#include <set>

#include "rectify/base/text.h"
#include "rectify/run/cpu/loops.h"
#include "rectify/run/dropout_mask.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

/// The activation alone on `batch` x `width` samples; the dense layer makes gradients flow.
Network drawn_on(const std::string& item, std::int64_t width, std::int64_t batch) {
  return network(concat(width, " : dense ", width, " bias=no | ", item, " as f | dense 1"),
                 {"mean_squared_error", Target::numbers, 1}, batch, 11, Draw::normal);
}

struct Moments {
  double mean = 0, variance = 0;
};

/// What the activation does in training to many copies of x.
Moments moments_at(const std::string& item, double x) {
  constexpr std::int64_t width = 500, batch = 400;
  Network n = with_losses(graph::parse_model(concat(width, " : ", item, " as f | dense 1")),
                          {"mean_squared_error", Target::numbers, 1}, batch);
  draw_data(n, {"mean_squared_error", Target::numbers, 1}, 1, Draw::normal);
  n.given[n.graph.find("input")].assign(width * batch, x);
  ThreadPool threads(2);
  const Values values = run_on_cpu(n, threads, true);
  const std::vector<float>& y = values.at(n.graph.find("f"));
  Moments m;
  for (const double v : y) m.mean += v / static_cast<double>(y.size());
  for (const double v : y)
    m.variance += (v - m.mean) * (v - m.mean) / static_cast<double>(y.size());
  return m;
}

constexpr double samples = 500 * 400;
const double sweep[] = {-8, -3, -1.5, -0.5, -0.01, 0, 0.01, 0.5, 1, 2.5, 7};

TEST(ActivateRandom, RreluHasTheMomentsOfAUniformSlope) {
  for (const double x : sweep) {
    const Moments m = moments_at("rrelu", x);
    const double width = 1.0 / 3 - 1.0 / 8, left = x < 0 ? 1 : 0;
    const double variance = left * x * x * width * width / 12;
    EXPECT_NEAR(m.mean, x < 0 ? 11.0 / 48 * x : x, 5 * std::sqrt(variance / samples) + 1e-6) << x;
    EXPECT_NEAR(m.variance, variance, 0.02 * variance + 1e-9) << x;
  }
}

TEST(ActivateRandom, RreluDrawsFromTheRangeThatIsGiven) {
  const Moments m = moments_at("rrelu 0.5 0.9", -2);
  EXPECT_NEAR(m.mean, -1.4, 0.01);
  EXPECT_NEAR(m.variance, 4 * 0.16 / 12, 0.002);
  const Moments fixed = moments_at("rrelu 0.5 0.5", -2);
  EXPECT_NEAR(fixed.mean, -1, 1e-9);
  EXPECT_NEAR(fixed.variance, 0, 1e-15);
}

/// Mean and variance of max(0, x + s n), n standard normal, s^2 = sigmoid(x): Nair & Hinton 2010
/// mean sigmoid(x) as the variance.
TEST(ActivateRandom, NoisyReluHasTheMomentsOfARectifiedGaussian) {
  for (const double x : sweep) {
    const Moments m = moments_at("noisy_relu", x);
    const double s = std::sqrt(1 / (1 + std::exp(-x))), z = x / s;
    const double cdf = std::erfc(-z / std::numbers::sqrt2) / 2;
    const double density = std::exp(-z * z / 2) / std::sqrt(2 * std::numbers::pi);
    const double mean = x * cdf + s * density;
    const double variance = (x * x + s * s) * cdf + x * s * density - mean * mean;
    EXPECT_NEAR(m.mean, mean, 5 * std::sqrt(variance / samples) + 1e-6) << x;
    EXPECT_NEAR(m.variance, variance, 0.03 * variance + 1e-6) << x;
  }
}

TEST(ActivateRandom, IsThePlainRowInInference) {
  ThreadPool threads(2);
  for (const std::string item : {"rrelu", "noisy_relu"}) {
    const Network n = drawn_on(item, 30, 37);
    const NodeId f = n.graph.find("f"), x = n.graph.node(f).inputs[0];
    Values values = run_on_cpu(n, threads, true, false);
    const reference::Values want = run_reference(n, false);
    for (std::size_t i = 0; i < values[f].size(); ++i) {
      const double left = item == "rrelu" ? 11.0 / 48 * values[x][i] : 0;
      ASSERT_FLOAT_EQ(values[f][i], values[x][i] > 0 ? values[x][i] : left) << item;
    }
    for (const char* label : {"f", "d_f", "d_dense1.weight"}) {
      const NodeId id = n.graph.find(label);
      EXPECT_LE(distance(values[id], want[id]), 1e-5) << item << ", " << label;
    }
  }
}

TEST(ActivateRandom, GradientDrawsTheSameNumbers) {
  ThreadPool threads(3);
  const Network leaky = drawn_on("rrelu", 203, 97), noisy = drawn_on("noisy_relu", 203, 97);
  for (const Network* n : {&leaky, &noisy}) {
    const NodeId f = n->graph.find("f"), x = n->graph.node(f).inputs[0], df = n->graph.find("d_f");
    Values values = run_on_cpu(*n, threads, true);
    const std::vector<float>& upstream = values[n->graph.node(df).inputs[0]];
    for (std::size_t i = 0; i < values[f].size(); ++i) {
      const double slope = static_cast<double>(values[df][i]) / upstream[i];
      const double y = values[f][i], from = values[x][i];
      // rrelu's slope is the share that it let through; noisy_relu's says whether it fired.
      const double want = n == &leaky ? y / from : (y > 0 ? 1 : 0);
      ASSERT_NEAR(slope, want, 1e-5) << i;
    }
  }
}

TEST(ActivateRandom, NumbersAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string item : {"rrelu", "noisy_relu"})
    for (const RunState state :
         {RunState{.seed = 1, .step = 0}, RunState{.seed = ~0ull, .step = ~0u}}) {
      const Network n = drawn_on(item, 203, 97);
      Values values = run_on_cpu(n, threads, true, true, state);
      const reference::Values want = run_reference(n, true, state);
      for (const char* label : {"f", "d_f"}) {
        const NodeId id = n.graph.find(label);
        EXPECT_LE(distance(values[id], want[id]), 1e-5) << item << ", " << label;
      }
    }
}

TEST(ActivateRandom, NumbersChangeWithStepSeedNodeAndElement) {
  ThreadPool threads(1);
  for (const std::string item : {"rrelu", "noisy_relu"}) {
    const Network n = network(concat("50 : ", item, " as a | dense 1"),
                              {"mean_squared_error", Target::numbers, 1}, 20, 3, Draw::normal);
    Network same = n;
    same.given[same.graph.find("input")].assign(1000, -0.5);
    const auto values = [&](RunState state) {
      return run_on_cpu(same, threads, true, true, state).at(same.graph.find("a"));
    };
    const std::vector<float> first = values({.seed = 1, .step = 1});
    EXPECT_EQ(first, values({.seed = 1, .step = 1})) << item;
    EXPECT_NE(first, values({.seed = 1, .step = 2})) << item;
    EXPECT_NE(first, values({.seed = 2, .step = 1})) << item;
    EXPECT_GT(std::set<float>(first.begin(), first.end()).size(), 200u) << item;
  }
  // Two nodes with the same input: their outputs differ.
  graph::Graph g = graph::parse_model("50 : rrelu as a");
  graph::Attributes attributes;
  attributes.set("row", std::string("rrelu"));
  const NodeId b = graph::add_activation(g, g.find("input"), attributes, "b");
  g.result = g.add("add", {g.result, b});
  Network n = with_losses(std::move(g), {"mean_squared_error", Target::numbers, 50}, 2);
  draw_data(n, {"mean_squared_error", Target::numbers, 50}, 5, Draw::normal);
  const Values v = run_on_cpu(n, threads, true);
  EXPECT_NE(v.at(n.graph.find("a")), v.at(b));
}

TEST(ActivateRandom, LoopsDrawTheNumbersOfRandomInAnyPieces) {
  constexpr std::size_t count = 5000;
  std::vector<float> normal(count), uniform(count), piece(count);
  for (const std::uint32_t step : {0u, 77u}) {
    const Random random(9, 4, step);
    cpu::loops().normal(normal.data(), 0, count, 9, 4, step);
    cpu::loops().uniform(uniform.data(), 0, count, 9, 4, step, 0.125, 0.5);
    for (std::size_t i = 0; i < count; ++i) {
      ASSERT_NEAR(normal[i], random.normal(i), 1e-6 * (1 + std::abs(normal[i]))) << i;
      ASSERT_EQ(uniform[i], static_cast<float>(0.125 + 0.375 * random.uniform(i))) << i;
    }
    for (const std::size_t first : {std::size_t{4}, std::size_t{100}, std::size_t{4096}})
      for (const std::size_t n :
           {std::size_t{1}, std::size_t{3}, std::size_t{64}, std::size_t{900}}) {
        cpu::loops().normal(piece.data(), first, n, 9, 4, step);
        ASSERT_TRUE(std::equal(piece.begin(), piece.begin() + n, normal.begin() + first)) << n;
        cpu::loops().uniform(piece.data(), first, n, 9, 4, step, 0.125, 0.5);
        ASSERT_TRUE(std::equal(piece.begin(), piece.begin() + n, uniform.begin() + first)) << n;
      }
  }
}

TEST(ActivateRandom, NormalNumbersHaveTheMomentsAndTailsOfTheDistribution) {
  constexpr std::size_t count = 1 << 20;
  std::vector<float> z(count);
  cpu::loops().normal(z.data(), 0, count, 3, 1, 1);
  double mean = 0, second = 0, third = 0, fourth = 0, beyond = 0;
  for (const double v : z) {
    ASSERT_TRUE(std::isfinite(v));
    mean += v / count, second += v * v / count, third += v * v * v / count;
    fourth += v * v * v * v / count;
    beyond += std::abs(v) > 3;
  }
  const double deviation = 1 / std::sqrt(static_cast<double>(count));
  EXPECT_NEAR(mean, 0, 5 * deviation);
  EXPECT_NEAR(second, 1, 5 * deviation * std::sqrt(2));
  EXPECT_NEAR(third, 0, 5 * deviation * std::sqrt(15));
  EXPECT_NEAR(fourth, 3, 5 * deviation * std::sqrt(96));
  EXPECT_NEAR(beyond / count, 0.0026998, 5 * deviation * std::sqrt(0.0027));
}

TEST(ActivateRandom, PassesOnNanAndInfinityAlone) {
  ThreadPool threads(1);
  constexpr double inf = std::numeric_limits<double>::infinity();
  for (const std::string item : {"rrelu", "noisy_relu", "prelu"}) {
    Network n = network("3 : " + item + " as f | dense 1",
                        {"mean_squared_error", Target::numbers, 1}, 5, 6, Draw::normal);
    std::vector<double>& x = n.given[n.graph.find("input")];
    x[4] = std::nan(""), x[7] = inf, x[11] = -inf;
    const std::vector<float> y = run_on_cpu(n, threads, true).at(n.graph.find("f"));
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i == 4) << item;
    EXPECT_EQ(y[7], inf) << item;
    if (item != "prelu") {
      EXPECT_EQ(y[11], item == "rrelu" ? -inf : 0) << item;
    }
  }
}

}  // namespace
}  // namespace rectify::run
