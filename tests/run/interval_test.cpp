// What boxes of inputs become: against the reference, against differences, against samples.

#include "rectify/pass/interval.h"

#include <gtest/gtest.h>

#include "tests/helpers.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

/// A network with its worst margins over a box and their loss, ready to be differentiated.
Network certified(const std::string& text, std::int64_t batch, std::uint64_t seed, Draw how) {
  Network n{.graph = graph::parse_model(text), .batch = batch};
  n.winograd = how != Draw::grid;
  graph::Graph& g = n.graph;
  const graph::Node last = g.node(g.result);
  const NodeId input = g.find("input");
  const Type samples = g.node(input).type;
  const NodeId target =
      g.add_input({.shape = graph::rows_of(last.type.shape), .element = Element::int32}, "target");
  const NodeId centre = g.add_input(samples, "centre"), radius = g.add_input(samples, "radius");
  const pass::IntervalNodes hidden = pass::bound(g, input, {centre, radius}, last.inputs[0]);
  std::vector<NodeId> inputs = {hidden.centre, hidden.radius, last.inputs[1], target};
  if (last.inputs.size() > 2) inputs.push_back(last.inputs[2]);
  const NodeId margins = g.add("worst_margins", inputs, {}, "margins");
  n.losses = {g.add("softmax_cross_entropy", {margins, target}, {}, "loss")};
  n.gradients = pass::differentiate(g, n.losses);
  const LossCase loss{"softmax_cross_entropy", Target::classes, last.type.shape.back()};
  draw_data(n, loss, seed, how);
  for (double& r : n.given[radius]) r = std::abs(r) / 2;
  return n;
}

const char* const bounded_networks[] = {
    "19 : dense 33 | relu | dense 5",
    "19 : dense 33 bias=no | leaky_relu a=0.25 | dense 5 bias=no",
    "19 : dense 33 | elu | dense 5",
    "19 : dense 33 | sigmoid | dense 5",
    "6x6x2 : conv 8 3x3 | relu | avg_pool 2 | flatten | dense 5",
    "6x6x2 : conv 8 3x3 stride=2 | tanh | flatten | dense 5",
    "6x6x2 : conv 4 3x3 groups=2 | relu | global_avg_pool | dense 5",
    "19 : residual(dense 19 | relu) | dense 5"};

TEST(Interval, BoundsAndTheirGradientsAreTheReferences) {
  ThreadPool threads(2);
  for (const char* text : bounded_networks)
    for (const std::int64_t batch : {1, 3, 37, 130})
      expect_cpu_is_reference(certified(text, batch, 1, Draw::grid), threads, text);
}

TEST(Interval, GradientsOfTheReferenceAreDifferencesOfItsLoss) {
  for (const char* text :
       {"3 : dense 4 | relu | dense 4 | relu | dense 3", "3 : dense 4 | tanh | dense 3 bias=no",
        "4x4x1 : conv 2 3x3 | leaky_relu | avg_pool 2 | flatten | dense 3"})
    expect_differences_agree(
        [&](std::uint64_t seed) { return certified(text, 3, seed, Draw::normal); }, text);
}

/// The weight [[1, -2], [3, 1]], the bias [0.5, -1], the box [1, 3] x [-1, 1]: centre (2, 0),
/// radius (1, 1). The layer's centre is (2.5, -5), its radius (4, 3), so that its values lie in
/// [-1.5, 6.5] and [-8, -2], and behind relu in [0, 6.5] and [0, 0].
TEST(Interval, OfALayerIsWorkedOutByHand) {
  graph::Graph g = graph::parse_model("2 : dense 2 | relu");
  const NodeId input = g.find("input");
  const NodeId centre = g.add_input(g.node(input).type, "centre"),
               radius = g.add_input(g.node(input).type, "radius");
  const pass::IntervalNodes relu = pass::bound(g, input, {centre, radius}, g.result);
  const reference::Values values = reference::evaluate(g, 1, false, {},
                                                       {{input, {0, 0}},
                                                        {g.find("dense1.weight"), {1, -2, 3, 1}},
                                                        {g.find("dense1.bias"), {0.5, -1}},
                                                        {centre, {2, 0}},
                                                        {radius, {1, 1}}});
  using Numbers = std::vector<double>;
  EXPECT_EQ(values[g.find("dense1.centre")], (Numbers{2.5, -5}));
  EXPECT_EQ(values[g.find("dense1.radius")], (Numbers{4, 3}));
  EXPECT_EQ(values[relu.centre], (Numbers{3.25, 0}));
  EXPECT_EQ(values[relu.radius], (Numbers{3.25, 0}));
}

/// Every difference of logits of 1,000 inputs of each box is at most the worst margin.
TEST(Interval, MarginsAreNotPassedByAnyInputOfTheBox) {
  for (const char* text : bounded_networks) {
    Network n = certified(text, 4, 5, Draw::normal);
    const NodeId input = n.graph.find("input"), centre = n.graph.find("centre"),
                 radius = n.graph.find("radius"), margins = n.graph.find("margins");
    const std::vector<double> worst = run_reference(n)[margins];
    for (std::uint32_t t = 0; t < 1000; ++t) {
      const Random random(9, t);
      std::vector<double>& x = n.given[input];
      for (std::size_t i = 0; i < x.size(); ++i) {
        const double u = random.uniform(i);  // a third at either end
        x[i] = n.given[centre][i] + n.given[radius][i] * std::clamp(3 * u - 1.5, -1.0, 1.0);
      }
      const std::vector<double> logits =
          reference::evaluate(n.graph, n.batch, false, {}, n.given)[n.graph.result];
      const std::size_t classes = logits.size() / 4;
      for (std::size_t b = 0; b < 4; ++b)
        for (std::size_t j = 0; j < classes; ++j) {
          const auto target = static_cast<std::size_t>(n.given[n.graph.find("target")][b]);
          const double margin = logits[b * classes + j] - logits[b * classes + target];
          EXPECT_LE(margin, worst[b * classes + j] + 1e-9) << text;
        }
    }
  }
}

TEST(Interval, MarginsOfOneLayerAreThoseOfTheWorstCorner) {
  Network n = certified("4 : dense 3", 2, 3, Draw::normal);
  const NodeId input = n.graph.find("input"), centre = n.graph.find("centre"),
               radius = n.graph.find("radius");
  const std::vector<double> worst = run_reference(n)[n.graph.find("margins")];
  std::vector<double> largest(6, -INFINITY);
  for (unsigned corner = 0; corner < 16; ++corner) {
    for (std::size_t i = 0; i < 8; ++i)
      n.given[input][i] = n.given[centre][i] + (corner >> i % 4 & 1 ? 1 : -1) * n.given[radius][i];
    const std::vector<double> logits = run_reference(n)[n.graph.result];
    for (std::size_t i = 0; i < 6; ++i) {
      const auto target = static_cast<std::size_t>(n.given[n.graph.find("target")][i / 3]);
      largest[i] = std::max(largest[i], logits[i] - logits[i / 3 * 3 + target]);
    }
  }
  for (std::size_t i = 0; i < 6; ++i) EXPECT_NEAR(worst[i], largest[i], 1e-12);
}

TEST(Interval, RefusesWhatHasNoRule) {
  const auto error = [](const std::string& text) {
    return error_of([&] { certified(text, 1, 1, Draw::grid); });
  };
  EXPECT_TRUE(contains(error("19 : dense 8 | gelu | dense 5"), "'gelu1' falls somewhere"));
  EXPECT_TRUE(contains(error("19 : dense 8 | layer_norm | dense 5"), "no rule for intervals"));
  EXPECT_TRUE(contains(error("6x6x2 : max_pool 2 | flatten | dense 5"), "no rule for intervals"));
}

}  // namespace
}  // namespace rectify::run
