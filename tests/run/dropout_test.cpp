#include <gtest/gtest.h>

#include <cmath>

#include "rectify/run/dropout_mask.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

constexpr std::int64_t width = 1003, batch = 37;

/// dense - dropout - dense, so that the mask works on values and on gradients.
Network masked(double rate) {
  const std::string text =
      "7 : dense " + std::to_string(width) + " | dropout " + std::to_string(rate) + " | dense 3";
  return network(text, {"mean_squared_error", Target::numbers, 3}, batch, 11, Draw::normal);
}

struct Sides {
  NodeId in, out, gradient_in, gradient_out;
};

Sides sides_of(const Network& n) {
  const NodeId out = n.graph.find("dropout1"), gradient = n.graph.find("d_dropout1");
  return {n.graph.node(out).inputs[0], out, n.graph.node(gradient).inputs[0], gradient};
}

TEST(Dropout, DropsTheAskedShareAndScalesTheRest) {
  ThreadPool threads(2);
  for (const double rate : {0.1, 0.5, 0.9}) {
    const Network n = masked(rate);
    const Sides s = sides_of(n);
    Values values = run_on_cpu(n, threads, true);
    const auto scale = static_cast<float>(1 / (1 - rate));
    std::size_t dropped = 0;
    for (std::size_t i = 0; i < values[s.in].size(); ++i) {
      if (values[s.out][i] == 0)
        ++dropped;
      else
        ASSERT_EQ(values[s.out][i], values[s.in][i] * scale);
    }
    const double size = width * batch;
    EXPECT_NEAR(dropped / size, rate, 5 * std::sqrt(rate * (1 - rate) / size)) << rate;
  }
}

TEST(Dropout, GradientDrawsTheSameMask) {
  ThreadPool threads(3);
  const Network n = masked(0.4);
  const Sides s = sides_of(n);
  Values values = run_on_cpu(n, threads, true);
  for (std::size_t i = 0; i < values[s.in].size(); ++i) {
    ASSERT_NE(values[s.in][i], 0);
    ASSERT_NE(values[s.gradient_in][i], 0);
    ASSERT_EQ(values[s.out][i] == 0, values[s.gradient_out][i] == 0) << i;
  }
}

TEST(Dropout, MaskIsTheReferences) {
  ThreadPool threads(2);
  const Network n = masked(0.3);
  const Sides s = sides_of(n);
  for (const RunState state :
       {RunState{.seed = 1, .step = 0}, RunState{.seed = ~0ull, .step = ~0u}}) {
    Values values = run_on_cpu(n, threads, true, true, state);
    const reference::Values want = run_reference(n, true, state);
    for (std::size_t i = 0; i < want[s.out].size(); ++i) {
      ASSERT_EQ(values[s.out][i] == 0, want[s.out][i] == 0) << i;
      ASSERT_EQ(values[s.gradient_out][i] == 0, want[s.gradient_out][i] == 0) << i;
    }
  }
}

TEST(Dropout, MaskChangesWithStepSeedAndNode) {
  ThreadPool threads(1);
  const Network n = network("50 : dropout 0.5 | identity | dropout 0.5 | dense 1",
                            {"mean_squared_error", Target::numbers, 1}, 20, 3, Draw::normal);
  const auto kept = [&](const std::string& label, RunState state) {
    std::vector<bool> mask;
    const Values values = run_on_cpu(n, threads, true, true, state);
    for (const float v : values.at(n.graph.find(label))) mask.push_back(v != 0);
    return mask;
  };
  const auto first = kept("dropout1", {.seed = 1, .step = 1});
  EXPECT_EQ(first, kept("dropout1", {.seed = 1, .step = 1}));
  EXPECT_NE(first, kept("dropout1", {.seed = 1, .step = 2}));
  EXPECT_NE(first, kept("dropout1", {.seed = 2, .step = 1}));
  // A second mask of its own leaves about a quarter of the elements.
  const auto both = kept("dropout2", {.seed = 1, .step = 1});
  EXPECT_NEAR(std::count(both.begin(), both.end(), true) / 1000.0, 0.25, 0.08);
}

TEST(Dropout, LetsEverythingThroughInInferenceAndAtRateZero) {
  ThreadPool threads(2);
  for (const auto& [rate, training] : {std::pair{0.6, false}, {0.0, true}}) {
    const Network n = masked(rate);
    const Sides s = sides_of(n);
    Values values = run_on_cpu(n, threads, true, training);
    EXPECT_EQ(values[s.in], values[s.out]);
    EXPECT_EQ(values[s.gradient_in], values[s.gradient_out]);
    const reference::Values want = run_reference(n, training);
    EXPECT_EQ(want[s.in], want[s.out]);
  }
}

/// Standard normal input behind alpha_dropout, as layers of selu have it.
TEST(AlphaDropout, KeepsMeanAndVarianceAndDropsTheAskedShare) {
  ThreadPool threads(2);
  for (const double rate : {0.05, 0.3, 0.8}) {
    const Network n =
        network("400 : identity | alpha_dropout " + std::to_string(rate) + " | dense 1",
                {"mean_squared_error", Target::numbers, 1}, 500, 5, Draw::normal);
    Values values = run_on_cpu(n, threads, true, true);
    const std::vector<float>& out = values[n.graph.find("alpha_dropout1")];
    const double size = 400 * 500;
    double sum = 0, square = 0, dropped = 0;
    for (const float y : out) {
      sum += y;
      square += y * static_cast<double>(y);
    }
    const std::vector<float>& in = values[n.graph.node(n.graph.find("alpha_dropout1")).inputs[0]];
    const DropoutLaw law = dropout_law("alpha_dropout", rate);
    for (std::size_t i = 0; i < out.size(); ++i)
      if (out[i] == static_cast<float>(law.dropped))
        ++dropped;
      else
        ASSERT_NEAR(out[i], law.factor * in[i] + law.kept, 1e-5);
    EXPECT_NEAR(sum / size, 0, 5 / std::sqrt(size)) << rate;
    EXPECT_NEAR(square / size, 1, 10 / std::sqrt(size)) << rate;
    EXPECT_NEAR(dropped / size, rate, 5 * std::sqrt(rate * (1 - rate) / size)) << rate;
  }
}

TEST(AlphaDropout, IsTheReferencesForwardAndBackward) {
  ThreadPool threads(3);
  const Network n = network("7 : dense 203 | selu | alpha_dropout 0.3 | dense 3",
                            {"mean_squared_error", Target::numbers, 3}, 37, 11, Draw::normal);
  for (const bool training : {true, false}) {
    Values values = run_on_cpu(n, threads, true, training);
    const reference::Values want = run_reference(n, training);
    for (const char* label : {"alpha_dropout1", "d_alpha_dropout1"}) {
      const NodeId id = n.graph.find(label);
      for (std::size_t i = 0; i < want[id].size(); ++i)
        ASSERT_NEAR(values[id][i], want[id][i], 1e-4 * (1 + std::abs(want[id][i])))
            << label << ' ' << i;
    }
  }
}

}  // namespace
}  // namespace rectify::run
