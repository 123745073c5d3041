#include <gtest/gtest.h>

#include <cmath>
#include <limits>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

constexpr double inf = std::numeric_limits<double>::infinity();

struct Answer {
  std::vector<float> cpu;
  std::vector<double> reference;
};

Answer answer_of(const std::string& shape, const std::string& item, const std::vector<double>& x) {
  Network n{.graph = graph::parse_model(shape + " : " + item + " as f")};
  const graph::Node& input = n.graph.node(n.graph.find("input"));
  n.batch = static_cast<std::int64_t>(x.size()) / input.type.shape.size();
  n.given[n.graph.find("input")] = x;
  ThreadPool threads(2);
  const NodeId f = n.graph.find("f");
  return {run_on_cpu(n, threads, true).at(f), run_reference(n)[f]};
}

void expect_values(const std::string& item, const std::vector<double>& x,
                   const std::vector<double>& want) {
  const Answer got = answer_of(concat(x.size()), item, x);
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i])) {
      EXPECT_TRUE(std::isnan(got.cpu[i]) && std::isnan(got.reference[i])) << item << " " << i;
    } else if (std::isinf(want[i])) {
      EXPECT_EQ(got.cpu[i], want[i]) << item << " " << i;
      EXPECT_EQ(got.reference[i], want[i]) << item << " " << i;
    } else {
      EXPECT_NEAR(got.cpu[i], want[i], 1e-6 * std::abs(want[i])) << item << " " << i;
      EXPECT_NEAR(got.reference[i], want[i], 1e-12 * std::abs(want[i])) << item << " " << i;
    }
  }
}

/// softmax, and its logarithm as log_softmax.
void expect_shares(const std::vector<double>& x, const std::vector<double>& shares) {
  expect_values("softmax", x, shares);
  std::vector<double> logarithms;
  for (const double share : shares) logarithms.push_back(std::log(share));
  expect_values("log_softmax", x, logarithms);
}

TEST(Softmax, SharesAddUpToOneOverTheLastAxis) {
  for (const std::int64_t width : {1, 2, 7, 16, 17, 33, 1000, 20000}) {
    std::vector<double> x;
    const Random random(1, 2);
    for (std::int64_t i = 0; i < 3 * width; ++i)
      x.push_back(static_cast<float>(4 * random.normal(static_cast<std::uint64_t>(i))));
    const Answer shares = answer_of(concat(width), "softmax", x);
    const Answer logarithms = answer_of(concat(width), "log_softmax", x);
    EXPECT_LE(distance(shares.cpu, shares.reference), 1e-6) << width;
    EXPECT_LE(distance(logarithms.cpu, logarithms.reference), 1e-6) << width;
    for (std::size_t row = 0; row < 3; ++row) {
      double sum = 0;
      for (std::int64_t j = 0; j < width; ++j) sum += shares.cpu[row * width + j];
      EXPECT_NEAR(sum, 1, 1e-5) << width;
    }
  }
  const Answer two = answer_of("3x2", "softmax", {0, 0, 5, 5, 1, 1});
  for (const float share : two.cpu) EXPECT_EQ(share, 0.5f) << "each row has a sum of its own";
}

TEST(Softmax, OfLargeNumbersDoesNotOverflow) {
  expect_values("softmax", {1e38, 1e38, 3e38, 3e38}, {0, 0, 0.5, 0.5});
  expect_values("log_softmax", {-1e38, 1e38}, {-2e38, 0});
  expect_values("softmax", {-3e38, 3e38}, {0, 1});
  EXPECT_EQ(answer_of("2", "log_softmax", {-3e38, 3e38}).cpu[0], -inf) << "beyond the floats";
  expect_shares({1000, 1001}, {1 / (1 + std::exp(1)), 1 / (1 + std::exp(-1))});
  expect_shares({-1000, -1000}, {0.5, 0.5});
}

TEST(LogSoftmax, KeepsTheDigitsOfSmallShares) {
  expect_values("log_softmax", {0, -500, -5000}, {0, -500, -5000});
}

TEST(Softmax, OfInfinitiesSharesEqually) {
  expect_shares({inf, 3, inf, -inf}, {0.5, 0, 0.5, 0});
  expect_shares({-inf, 0, 0}, {0, 0.5, 0.5});
  expect_shares({-inf, -inf, -inf, -inf}, {0.25, 0.25, 0.25, 0.25});
  std::vector<double> wide(37, -inf);
  expect_shares(wide, std::vector<double>(37, 1.0 / 37));
  wide[36] = inf;
  std::vector<double> last(37, 0.0);
  last[36] = 1;
  expect_shares(wide, last);
}

TEST(Softmax, OfANanIsNanInItsRowAlone) {
  const double nan = std::nan("");
  for (const std::string item : {"softmax", "log_softmax"}) {
    expect_values(item, {1, nan, inf}, {nan, nan, nan});
    expect_values(item, {nan, -inf, -inf}, {nan, nan, nan});
    const Answer rows = answer_of("2", item, {nan, 1, 2, 3});
    EXPECT_TRUE(std::isnan(rows.cpu[0]) && std::isnan(rows.cpu[1])) << item;
    EXPECT_FALSE(std::isnan(rows.cpu[2]) || std::isnan(rows.cpu[3])) << item;
  }
}

/// A dense layer whose outputs are x, then the item and a loss.
Network with_logits(const std::string& item, const std::vector<double>& x) {
  const auto width = static_cast<std::int64_t>(x.size());
  const LossCase square{"mean_squared_error", Target::numbers, width};
  Network n = with_losses(graph::parse_model(concat("1 : dense ", width, " | ", item)), square, 1);
  n.given[n.graph.find("input")] = {1};
  n.given[n.graph.find("dense1.weight")] = x;
  n.given[n.graph.find("dense1.bias")].assign(x.size(), 0);
  n.given[n.graph.find("target")].assign(x.size(), 1);
  return n;
}

TEST(Softmax, GradientIsFiniteForAnyFiniteNumbers) {
  ThreadPool threads(1);
  for (const std::string item : {"softmax", "log_softmax"})
    for (const std::vector<double>& x :
         {std::vector<double>{1e4, -1e4, 0}, {-3e4, -3e4, 3e4}, {50, 0, -50}}) {
      const Network n = with_logits(item, x);
      const NodeId gradient = n.gradients.at(n.graph.find("dense1.weight"));
      const std::vector<float> got = run_on_cpu(n, threads, false)[gradient];
      const std::vector<double> want = run_reference(n)[gradient];
      for (std::size_t i = 0; i < x.size(); ++i) {
        EXPECT_TRUE(std::isfinite(got[i])) << item;
        EXPECT_NEAR(got[i], want[i], 1e-5 * (1 + std::abs(want[i]))) << item;
      }
    }
}

}  // namespace
}  // namespace rectify::run
