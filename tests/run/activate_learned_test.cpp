#include <gtest/gtest.h>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

const LossCase square{"mean_squared_error", Target::numbers, 1};

Network with_slopes(const std::string& text, std::int64_t batch, std::vector<double> slopes) {
  Network n = network(text, square, batch, 4, Draw::grid);
  n.given[n.graph.find("f.a")] = std::move(slopes);
  return n;
}

TEST(ActivateLearned, EachChannelHasItsOwnSlope) {
  ThreadPool threads(2);
  Network n = with_slopes("3 : prelu as f | dense 1", 2, {0.5, 0, -0.25});
  n.given[n.graph.find("input")] = {-1, -1, -1, -8, 8, -4};
  const Values values = run_on_cpu(n, threads, true);
  EXPECT_EQ(values.at(n.graph.find("f")), (std::vector<float>{-0.5, 0, 0.25, -4, 8, 1}));
}

TEST(ActivateLearned, ChannelsAreTheLastAxis) {
  ThreadPool threads(2);
  for (const std::string shape : {"5x7x3", "1x1x3", "200x3"}) {
    Network n{.graph = graph::parse_model(shape + " : prelu as f"), .batch = 41};
    n.losses.push_back(n.graph.add("l1_penalty", {n.graph.result}));
    n.gradients = pass::differentiate(n.graph, n.losses);
    draw_data(n, square, 2, Draw::grid);
    ASSERT_EQ(n.given[n.graph.find("f.a")].size(), 3u);
    expect_cpu_is_reference(n, threads, shape);
  }
}

TEST(ActivateLearned, SumsTheGradientOfASlopeOverTheBatch) {
  ThreadPool threads(3);
  for (const std::int64_t width : {1, 2, 100, 127, 128, 129, 300})
    for (const std::int64_t batch : {1, 7, 500}) {
      const std::string text = concat(width, " : prelu as f | dense 1");
      const Network n = with_slopes(text, batch, std::vector<double>(width, 0.5));
      Values values = run_on_cpu(n, threads, true);
      const NodeId gradient = n.graph.find("d_f.a");
      const std::vector<double>& x = n.given.at(n.graph.find("input"));
      const std::vector<float>& dy = values[n.graph.node(gradient).inputs[0]];
      for (std::int64_t c = 0; c < width; ++c) {
        double want = 0, size = 0;
        for (std::size_t i = static_cast<std::size_t>(c); i < x.size(); i += width) {
          want += dy[i] * std::min(0.0, x[i]);
          size += std::abs(dy[i] * x[i]);
        }
        ASSERT_NEAR(values[gradient][c], want, 1e-6 * size) << text << ", batch " << batch;
      }
    }
}

TEST(ActivateLearned, TakesTheSlopeOnTheLeftAtZero) {
  Network n = with_losses(graph::parse_model("1 : dense 1 | prelu as f"), square, 1);
  for (const auto& [label, value] : {std::pair{"input", 1.0},
                                     {"dense1.weight", 1.0},
                                     {"dense1.bias", -1.0},
                                     {"f.a", 0.25},
                                     {"target", 1.0}})
    n.given[n.graph.find(label)] = {value};
  const NodeId weight = n.graph.find("dense1.weight");
  const auto [left, right] = one_sided(n, weight, 0, 1e-6);
  EXPECT_NEAR(right / left, 4, 1e-4);
  ThreadPool threads(1);
  EXPECT_NEAR(run_reference(n)[n.gradients.at(weight)][0], left, 1e-5);
  EXPECT_NEAR(run_on_cpu(n, threads, false)[n.gradients.at(weight)][0], left, 1e-5);
}

TEST(ActivateLearned, IsTheSameInInferenceAsInTraining) {
  ThreadPool threads(2);
  const Network n = network("19 : dense 33 | prelu as f | dense 1", square, 37, 1, Draw::grid);
  EXPECT_EQ(run_on_cpu(n, threads, true, true), run_on_cpu(n, threads, true, false));
}

TEST(ActivateLearned, WithoutLearningIsTheRowWithThatSlope) {
  ThreadPool threads(2);
  const Network n = network("19 : prelu 0.5 learn=no as f | leaky_relu a=0.5 as g | dense 1",
                            square, 37, 1, Draw::grid);
  EXPECT_EQ(n.graph.find("f.a"), -1);
  const std::vector<double>& x = n.given.at(n.graph.find("input"));
  const std::vector<float> y = run_on_cpu(n, threads, true).at(n.graph.find("f"));
  for (std::size_t i = 0; i < x.size(); ++i) ASSERT_EQ(y[i], x[i] > 0 ? x[i] : x[i] / 2);
}

}  // namespace
}  // namespace rectify::run
