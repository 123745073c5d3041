// What training takes for a gradient, against the exact gradient of the likelihood.
#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>

#include "rectify/pretrain/kind.h"
#include "rectify/pretrain/likelihood/exact.h"
#include "rectify/run/plan.h"
#include "tests/helpers.h"
#include "tests/pretrain/likelihood/small_machine.h"

namespace rectify::pretrain {
namespace {

/// The directions of one step of contrastive divergence over many chains, which start at the rows
/// in turn, or from hidden units of 0.
LikelihoodGradient contrastive_gradient(const std::string& stack, const Machine& machine,
                                        std::span<const float> rows, ThreadPool& threads,
                                        std::size_t chains = 10000) {
  const auto layers =
      parse_stack(stack + " states=sample" + (machine.variance.empty() ? "" : " variance=learned"));
  const std::size_t d = machine.visible_units();
  const Below below{.inputs = static_cast<std::int64_t>(d),
                    .unit = std::string(machine.visible->name)};
  const Learner learner = layers[0].kind->learner(layers[0], below);
  const graph::Graph& graph = learner.objective.graph;
  const run::ParameterLayout layout(graph);
  Buffer parameters(layout.floats());
  std::ranges::copy(machine.weight, numbers_of(layout, parameters.data(), "weight").begin());
  std::ranges::copy(machine.visible_bias,
                    numbers_of(layout, parameters.data(), "visible_bias").begin());
  std::ranges::copy(machine.hidden_bias,
                    numbers_of(layout, parameters.data(), "hidden_bias").begin());
  const bool variances = !machine.variance.empty();
  if (variances)
    std::ranges::transform(machine.variance,
                           numbers_of(layout, parameters.data(), "log_variance").begin(),
                           [](float variance) { return std::log(variance); });
  run::PlanOptions options{.batch = static_cast<std::int64_t>(chains), .training = true};
  for (const auto& [parameter, direction] : learner.objective.directions)
    options.keep.insert(direction);
  run::Plan plan(graph, layout, parameters.data(), threads, options);
  float* const input = plan.input(graph.find("input"));
  for (std::size_t i = 0; i < chains * d; ++i) input[i] = rows[i % rows.size()];
  if (const graph::NodeId chain = graph.find("chain"); chain >= 0)
    std::fill_n(plan.input(chain), chains * graph.node(chain).type.shape.size(), 0.0f);
  plan.run({.seed = 5, .step = 0});
  const auto direction = [&](const char* label) {
    std::vector<double> uphill;
    for (const float x : plan.value(learner.objective.directions.at(graph.find(label))))
      uphill.push_back(-static_cast<double>(x));
    return uphill;
  };
  return {direction("weight"), direction("visible_bias"), direction("hidden_bias"),
          variances ? direction("log_variance") : std::vector<double>{}};
}

void expect_near(const std::vector<double>& a, const std::vector<double>& b, double tolerance,
                 const std::string& what) {
  ASSERT_EQ(a.size(), b.size()) << what;
  for (std::size_t i = 0; i < a.size(); ++i) EXPECT_NEAR(a[i], b[i], tolerance) << what << ' ' << i;
}

TEST(ContrastiveDivergence, WithManyStepsIsTheExactGradient) {
  ThreadPool threads(2);
  const struct {
    const char *visible, *hidden, *stack;
  } cases[] = {{"binary", "binary", "rbm 3"},
               {"binary", "bipolar", "rbm 3 bipolar"},
               {"binary", "softmax", "rbm 3 softmax"},
               {"binary", "stepped", "rbm 3 stepped copies=3"},
               {"binary", "gaussian", "rbm 3 gaussian"},
               {"binary", "binary", "rbm 3 method=pcd"},
               {"binary", "binary", "rbm 3 method=pt temperatures=3"},
               {"binary", "stepped", "rbm 3 stepped copies=3 method=pt temperatures=4"},
               {"gaussian", "binary", "rbm 3 method=pt temperatures=3"},
               {"gaussian", "binary", "rbm 3"},
               {"gaussian", "stepped", "rbm 3 stepped copies=3"}};
  const std::vector<float> rows = {1, 0, 0, 1, 1, 0, 1, 1, 1, 1, 0, 1, 0, 1, 1, 1, 0, 1, 1, 0};
  for (const auto& [visible, hidden, stack] : cases) {
    const Machine machine = small_machine(visible, 5, hidden, 3, 11, 0.4);
    const LikelihoodGradient exact = exact_gradient(machine, rows, threads);
    const LikelihoodGradient sampled =
        contrastive_gradient(std::string(stack) + " k=60", machine, rows, threads);
    const std::string what = std::string(visible) + ", " + stack;
    // Deviations of means of 10,000 products of units are about 0.01 x their size.
    const double tolerance = std::string(hidden) == "stepped" ? 0.12 : 0.05;
    expect_near(sampled.weight, exact.weight, tolerance, what);
    expect_near(sampled.visible_bias, exact.visible_bias, tolerance, what);
    expect_near(sampled.hidden_bias, exact.hidden_bias, tolerance, what);
  }
}

TEST(ContrastiveDivergence, OfLearnedVariancesIsTheExactGradient) {
  ThreadPool threads(2);
  const std::vector<float> rows = {1.5f, 0, -1, 1, 2, 0.5f, 1, 1, -1, 1, 0, 1, 0, 1, 1};
  const std::pair<const char*, const char*> cases[] = {{"binary", "rbm 3"},
                                                       {"binary", "rbm 3 method=pcd"},
                                                       {"binary", "rbm 3 method=pt temperatures=3"},
                                                       {"stepped", "rbm 3 stepped copies=3"}};
  for (const auto& [hidden, stack] : cases) {
    Machine machine = small_machine("gaussian", 5, hidden, 3, 11, 0.3);
    machine.variance = {0.5f, 1, 2, 0.7f, 1.4f};
    LikelihoodGradient exact = exact_gradient(machine, rows, threads);
    // Weights and visible biases learn by the gradient times the variance.
    for (std::size_t i = 0; i < 15; ++i) exact.weight[i] *= machine.variance[i / 3];
    for (std::size_t i = 0; i < 5; ++i) exact.visible_bias[i] *= machine.variance[i];
    const LikelihoodGradient sampled =
        contrastive_gradient(std::string(stack) + " k=60", machine, rows, threads);
    const double tolerance = std::string(hidden) == "stepped" ? 0.15 : 0.05;
    expect_near(sampled.weight, exact.weight, tolerance, stack);
    expect_near(sampled.visible_bias, exact.visible_bias, tolerance, stack);
    expect_near(sampled.hidden_bias, exact.hidden_bias, tolerance, stack);
    expect_near(sampled.log_variance, exact.log_variance, tolerance, stack);
  }
}

TEST(ContrastiveDivergence, WithChainsAtOtherTemperaturesLeavesAMode) {
  // All units like to be alike: two modes, all on and all off, far apart.
  // Chains start at off, since their hidden units start at 0.
  Machine machine = small_machine("binary", 5, "binary", 3, 1, 0);
  machine.weight.assign(15, 4.5f);
  machine.visible_bias.assign(5, -6.65f);
  machine.hidden_bias.assign(3, -11.1f);
  const std::vector<float> rows = {1, 1, 1, 1, 1, 0, 0, 0, 0, 0};
  ThreadPool threads(2);
  const LikelihoodGradient exact = exact_gradient(machine, rows, threads);
  const auto off_by = [&](const char* stack) {
    const LikelihoodGradient sampled = contrastive_gradient(stack, machine, rows, threads, 2000);
    return std::fabs(sampled.visible_bias[0] - exact.visible_bias[0]);
  };
  EXPECT_GT(off_by("rbm 3 method=pcd k=100"), 0.4);
  EXPECT_LT(off_by("rbm 3 method=pt temperatures=5 k=100"), 0.05);
}

}  // namespace
}  // namespace rectify::pretrain
