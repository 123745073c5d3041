// Convolutions, pooling and changes of shape: against the reference, to the bit for any number of
// threads, and what they do with NaN.

#include <gtest/gtest.h>

#include <cmath>
#include <cstring>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

/// Layers that want images of at least 7x6x4, whose channels two divide.
std::vector<std::string> items() {
  return {"conv 8 3x3",
          "conv 8 1x1",
          "conv 8 5x5",
          "conv 7 3x3 stride=2 bias=no",
          "conv 8 2x3 padding=valid",
          "conv 8 3x3 padding=1x0 stride=2x1",
          "conv 8 3x3 dilation=2",
          "conv 5 3x3 padding=2 dilation=2x1 stride=2",
          "conv 8 3x3 groups=2",
          "conv 8 2x2 groups=4 stride=2",
          "conv 4 3x3 groups=4",
          "conv 20 3x3 padding=2",
          "conv 33 1x1 stride=2",
          "conv_transpose 6 3x3",
          "conv_transpose 5 2x3 stride=2x1 dilation=1x2",
          "conv_transpose 6 3 stride=2 groups=2",
          "max_pool 2",
          "max_pool 3 stride=2 padding=1",
          "max_pool 3x2 stride=1 padding=same",
          "max_pool 7x6",
          "avg_pool 2",
          "avg_pool 3 stride=2 padding=1",
          "avg_pool 2 stride=1 padding=same",
          "reshape 4x7x6",
          "identity | conv 8 3x3 | relu | max_pool 2 | conv 8 3x3 groups=2 | prelu | avg_pool 2"};
}

TEST(Conv, ValuesAndGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& item : items())
    for (const std::string ending : {"flatten", "global_avg_pool"})
      for (const std::int64_t batch : {1, 3, 37}) {
        const std::string text =
            concat("7x6x3 : conv 4 3x3 | tanh | ", item, " | relu | ", ending, " | dense 5");
        expect_cpu_is_reference(network(text, softmax, batch, 1, Draw::grid), threads, text);
      }
}

TEST(Conv, OnTheInputItselfIsTheReference) {
  ThreadPool threads(2);
  for (const std::string shape : {"9x8x1", "9x8x3", "9x8x16"})
    for (const std::string item :
         {"conv 6 3x3", "conv 32 5x5 padding=valid stride=2", "conv 16 1x1",
          "conv 16 3x3 | conv 16 3x3 groups=16", "max_pool 2", "flatten"})
      for (const std::int64_t batch : {1, 37}) {
        const std::string text = concat(shape, " : ", item, " | flatten | dense 5");
        expect_cpu_is_reference(network(text, softmax, batch, 2, Draw::grid), threads, text);
      }
}

TEST(Conv, OfManyTilesIsTheReference) {
  ThreadPool threads(3);
  const std::string text =
      "14x14x16 : conv 48 3x3 | relu | conv 64 3x3 stride=2 | relu | max_pool 2 | "
      "conv 64 3x3 | relu | global_avg_pool | dense 5";
  expect_cpu_is_reference(network(text, softmax, 37, 3, Draw::grid), threads, text);
}

TEST(Conv, GradientsOfTheReferenceAreDifferencesOfItsLoss) {
  for (const std::string item :
       {"conv 3 3x3", "conv 3 2x3 stride=2x1 padding=valid", "conv_transpose 3 2x3 stride=2",
        "conv 4 3x3 groups=2 dilation=2", "conv 2 3x3 groups=2 padding=1 stride=2 bias=no",
        "max_pool 2", "max_pool 3 stride=1", "avg_pool 3 stride=2 padding=1", "reshape 2x5x4"}) {
    const std::string text = concat("5x4x1 : conv 2 1x1 | ", item, " | tanh | flatten | dense 5");
    expect_differences_agree(
        [&](std::uint64_t seed) { return network(text, softmax, 2, seed, Draw::normal); }, text);
  }
  const std::string text = "4x3x2 : conv 3 2x2 | global_avg_pool | dense 5";
  expect_differences_agree(
      [&](std::uint64_t seed) { return network(text, softmax, 2, seed, Draw::normal); }, text);
}

TEST(Conv, IsTheSameBitsForAnyNumberOfThreadsAndAnyThatIsKept) {
  const std::string text =
      "13x12x3 : conv 24 5x5 | relu | max_pool 2 | conv 32 3x3 groups=2 | prelu | dropout 0.2 | "
      "conv 32 3x3 groups=32 stride=2 | silu | avg_pool 2 | conv 40 3x3 dilation=2 | relu | "
      "max_pool 2 stride=1 padding=same | flatten | dense 70 | relu | reshape 1x1x70 | "
      "global_avg_pool | dense 5";
  for (const std::int64_t batch : {1, 3, 37, 130}) {
    const Network n = network(text, softmax, batch, 5, Draw::normal, 0.1);
    ThreadPool one(1);
    const Values all = run_on_cpu(n, one, true);
    for (const int count : {1, 2, 3, 5}) {
      ThreadPool threads(count);
      for (const bool keep_all : {true, false})
        for (const auto& [id, value] : run_on_cpu(n, threads, keep_all))
          EXPECT_EQ(0, std::memcmp(value.data(), all.at(id).data(), value.size() * sizeof(float)))
              << graph::where(n.graph.node(id)) << ", " << count << " threads, batch " << batch;
    }
  }
}

TEST(Conv, IsTheSameBitsWhenAPlanRunsAgain) {
  ThreadPool threads(2);
  const Network n =
      network("9x8x3 : conv 24 3x3 | relu | max_pool 2 | conv 9 3x3 | relu | flatten | dense 5",
              softmax, 37, 5, Draw::normal);
  const ParameterLayout layout = n.layout();
  Buffer parameters = parameters_of(n, layout), gradients(layout.floats());
  PlanOptions options{.batch = n.batch, .training = true};
  for (const auto& [parameter, gradient] : n.gradients)
    options.bound[gradient] = gradients.data() + layout.slot_of(parameter).offset;
  Plan plan(n.graph, layout, parameters.data(), threads, options);
  fill(plan, n);
  const auto run = [&] {
    plan.run({.seed = 1, .step = 1});
    return std::vector<float>(gradients.span().begin(), gradients.span().end());
  };
  const std::vector<float> first = run();
  EXPECT_EQ(first, run());
  parameters.data()[0] += 1;
  EXPECT_NE(first, run()) << "the plan has kept an old weight";
}

TEST(Conv, PassesOnNan) {
  ThreadPool threads(2);
  for (const std::string item : {"conv 8 3x3", "conv 8 3x3 | relu", "conv 3 1x1 groups=3",
                                 "max_pool 2", "avg_pool 2", "global_avg_pool", "flatten"}) {
    Network n = network("6x6x3 : " + item + " | flatten | dense 5", softmax, 4, 6, Draw::normal);
    n.given[n.graph.find("input")][108 + 20] = NAN;
    const Values values = run_on_cpu(n, threads, true);
    const std::vector<float>& y = values.at(n.graph.result);
    for (std::size_t i = 0; i < y.size(); ++i)
      EXPECT_EQ(std::isnan(y[i]), i / 5 == 1) << item << " at " << i;
  }
}

TEST(MaxPool, SendsTheGradientToTheFirstOfTheLargest) {
  ThreadPool threads(1);
  Network n = with_losses(graph::parse_model("2x2x1 : conv 1 1x1 bias=no | max_pool 2 | flatten"),
                          {"mean_squared_error", Target::numbers, 1}, 1);
  n.given[n.graph.find("conv1.weight")] = {1};
  n.given[n.graph.find("target")] = {0};
  const NodeId gradient = n.graph.find("d_max_pool1");
  for (const auto& [x, want] :
       {std::pair{std::vector<double>{1, 3, 3, 2}, 1}, {{2, 2, 2, 2}, 0}, {{-4, -3, -2, -1}, 3}}) {
    n.given[n.graph.find("input")] = x;
    const Values values = run_on_cpu(n, threads, true);
    for (int i = 0; i < 4; ++i) EXPECT_EQ(values.at(gradient)[i] != 0, i == want) << i;
  }
}

TEST(Flatten, TakesOverTheMemoryOfItsInput) {
  ThreadPool threads(1);
  const graph::Graph with = graph::parse_model("8x8x1 : conv 8 3x3 | relu | flatten | dense 5");
  const graph::Graph without = graph::parse_model("8x8x1 : conv 8 3x3 | relu | dropout | flatten");
  Buffer parameters(ParameterLayout(with).floats());
  const Plan a(with, ParameterLayout(with), parameters.data(), threads,
               {.batch = 4, .keep = {with.result}});
  const Plan b(without, ParameterLayout(without), parameters.data(), threads,
               {.batch = 4, .keep = {without.result}});
  EXPECT_LE(a.arena_bytes(), (4 * 64 + 4 * 512 + 4 * 16) * sizeof(float));
  EXPECT_LE(b.arena_bytes(), (4 * 64 + 4 * 512) * sizeof(float));
}

}  // namespace
}  // namespace rectify::run
