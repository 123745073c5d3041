// The CPU's values and gradients against the reference, and the reference against differences of
// its own losses.

#include "tests/run/gradients.h"

#include <gtest/gtest.h>

#include "rectify/activation/activation.h"
#include "rectify/base/text.h"

namespace rectify::run {
namespace {

/// Every row with its defaults, and with a number inside each parameter's range.
std::vector<std::string> activation_items() {
  std::vector<std::string> items = {"prelu learn=no a=0.1", "rrelu low=0 high=1"};
  for (const activation::Row& row : activation::family()) {
    items.emplace_back(row.name);
    for (const activation::ParameterInfo& p : row.parameters)
      items.push_back(concat(row.name, " ", p.name, "=", number_text((2 * p.low + p.high) / 3)));
  }
  return items;
}

/// y = relu(d + relu(d)) and on to 5 outputs, with dropout on one of the ways: values with several
/// users, so that gradients meet.
graph::Graph branching(std::int64_t inputs, std::int64_t width, double rate) {
  graph::Graph g = graph::parse_model(concat(inputs, " : dense ", width, " | relu"));
  const auto dense = [&](NodeId from, std::int64_t units) {
    graph::Attributes attributes;
    attributes.set("units", units);
    attributes.set("bias", std::string("yes"));
    attributes.set("init", std::string("auto"));
    attributes.set("gain", 1.0);
    return graph::find_operator("dense")->build(g, from, attributes, "");
  };
  const NodeId first = g.result;
  graph::Attributes dropout;
  dropout.set("rate", rate);
  const NodeId noisy = g.add("dropout", {first}, dropout);
  const NodeId sum = g.add("add", {dense(noisy, width), first});
  const NodeId twice = g.add("add", {sum, sum});
  const NodeId rectified = g.add("activate", {twice});
  g.result = dense(g.add("add", {rectified, first}), 5);
  return g;
}

TEST(Gradients, OfEveryActivationAndLossAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& item : activation_items())
    for (const LossCase& loss : loss_cases())
      for (const std::int64_t batch : {1, 3, 37, 130}) {
        const std::string text = concat("19 : dense 33 | ", item, " | dense ", loss.outputs);
        expect_cpu_is_reference(network(text, loss, batch, 1, Draw::grid), threads,
                                text + ", " + loss.text());
      }
}

/// Layers of 36 units (or `width`) that are no activations.
std::vector<std::string> other_items(std::int64_t width) {
  std::vector<std::string> items = {"glu",
                                    "reglu",
                                    "geglu",
                                    "swiglu",
                                    "bilinear",
                                    "geglu gate=second",
                                    "gate mish",
                                    "gate elu a=2 gate=second",
                                    "softmax",
                                    "log_softmax",
                                    "top_k 5",
                                    "top_k 0.3",
                                    "prelu 0.1",
                                    "gate prelu a=-0.5",
                                    "elu a=2 learn=yes"};
  for (const std::int64_t pieces : {std::int64_t{1}, std::int64_t{2}, std::int64_t{3}, width})
    items.push_back(concat("maxout ", pieces));
  return items;
}

TEST(Gradients, OfGatesMaxoutAndSoftmaxAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& item : other_items(36))
    for (const LossCase& loss : loss_cases())
      for (const std::int64_t batch : {1, 3, 37, 130}) {
        const std::string text = concat("19 : dense 36 | ", item, " | dense ", loss.outputs);
        expect_cpu_is_reference(network(text, loss, batch, 1, Draw::grid), threads,
                                text + ", " + loss.text());
      }
}

TEST(Gradients, OfRowsOfAnyWidthAreTheReferences) {
  ThreadPool threads(3);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const std::string item : {"prelu", "silu learn=yes", "rrelu", "noisy_relu", "geglu",
                                 "maxout 2", "softmax", "top_k 2", "top_k"})
    for (const std::int64_t width : {2, 14, 30, 126, 128, 258, 2050, 4098}) {
      const std::string text = concat("3 : dense ", width, " | ", item, " | dense 5");
      for (const std::int64_t batch : {1, 67})
        expect_cpu_is_reference(network(text, loss, batch, 8, Draw::grid), threads, text);
    }
}

TEST(Gradients, OfDropoutAndPenaltyAreTheReferences) {
  ThreadPool threads(2);
  const std::string text = "19 : dense 33 bias=no | tanh | dropout 0.3 | dense 21 | relu | dense 5";
  for (const LossCase& loss : loss_cases()) {
    if (loss.outputs != 5) continue;
    for (const std::int64_t batch : {1, 3, 37, 130})
      expect_cpu_is_reference(network(text, loss, batch, 2, Draw::grid, 0.7), threads,
                              text + ", " + loss.text());
  }
}

TEST(Gradients, MeetWhereAValueHasSeveralUsers) {
  ThreadPool threads(2);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const std::int64_t batch : {1, 3, 37, 130}) {
    Network n = with_losses(branching(19, 33, 0.5), loss, batch, 0.2);
    draw_data(n, loss, 3, Draw::grid);
    expect_cpu_is_reference(n, threads, "branching");
  }
}

TEST(Gradients, OfLayersOfManyTilesAreTheReferences) {
  ThreadPool threads(2);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const std::string item : {"relu", "silu"}) {
    const std::string text = concat("301 : dense 601 | ", item, " | dense 390 | dense 5");
    for (const std::int64_t batch : {3, 130})
      expect_cpu_is_reference(network(text, loss, batch, 4, Draw::grid), threads, text);
  }
}

TEST(Gradients, OfTheReferenceAreDifferencesOfItsLoss) {
  for (const std::string& item : activation_items())
    for (const LossCase& loss : loss_cases()) {
      const std::string text = concat("3 : dense 4 | ", item, " | dense ", loss.outputs);
      // The noise of noisy_relu depends on x, but its gradient takes it as a constant.
      expect_differences_agree(
          [&](std::uint64_t seed) { return network(text, loss, 3, seed, Draw::normal); },
          text + ", " + loss.text(), item != "noisy_relu");
    }
}

TEST(Gradients, OfTheReferenceAreDifferencesThroughGatesMaxoutAndSoftmax) {
  for (const std::string& item : other_items(6))
    for (const LossCase& loss : loss_cases()) {
      const std::string text = concat("3 : dense 6 | ", item, " | dense ", loss.outputs);
      expect_differences_agree(
          [&](std::uint64_t seed) { return network(text, loss, 3, seed, Draw::normal); },
          text + ", " + loss.text());
    }
}

TEST(Gradients, OfTheReferenceAreDifferencesThroughDropoutPenaltyAndFanOut) {
  for (const LossCase& loss : loss_cases()) {
    if (loss.outputs != 5) continue;
    expect_differences_agree(
        [&](std::uint64_t seed) {
          Network n = with_losses(branching(3, 4, 0.4), loss, 3, 0.5);
          draw_data(n, loss, seed, Draw::normal);
          return n;
        },
        "branching, " + loss.text());
  }
}

/// One weight w = 1 on the input 1, bias -1: the activation's input is exactly 0.
Network at_kink(const std::string& item, const LossCase& loss, double bias) {
  Network n = with_losses(graph::parse_model("1 : dense 1" + item), loss, 1);
  n.given[n.graph.find("input")] = {1};
  n.given[n.graph.find("dense1.weight")] = {1};
  n.given[n.graph.find("dense1.bias")] = {bias};
  n.given[n.graph.find("target")] = {1};
  return n;
}

/// `share` is where between the left (0) and the right (1) derivative the gradient must be.
void expect_share(Network n, double share, const std::string& what) {
  const NodeId weight = n.graph.find("dense1.weight"), gradient = n.gradients.at(weight);
  const auto [left, right] = one_sided(n, weight, 0, 1e-6);
  ASSERT_GT(std::abs(right - left), 0.1) << what << " has no kink here";
  const double want = left + share * (right - left);
  EXPECT_NEAR(run_reference(n)[gradient][0], want, 1e-5) << what;
  ThreadPool threads(1);
  EXPECT_NEAR(run_on_cpu(n, threads, false)[gradient][0], want, 1e-5) << what;
}

TEST(Gradients, AtAKinkTakeTheSideThatIsDocumented) {
  const LossCase square{"mean_squared_error", Target::numbers, 1};
  expect_share(at_kink(" | relu", square, -1), 0, "relu: 0");
  expect_share(at_kink(" | relu kink=0.5", square, -1), 0.5, "relu kink=0.5");
  expect_share(at_kink(" | relu kink=1", square, -1), 1, "relu kink=1");
  expect_share(at_kink(" | leaky_relu", square, -1), 0, "leaky_relu: a");
  expect_share(at_kink(" | leaky_relu a=0.25", square, -1), 0, "leaky_relu: a");
  expect_share(at_kink(" | elu a=2", square, -1), 0, "elu: a");
  expect_share(at_kink(" | selu", square, -1), 0, "selu: lambda alpha");
}

TEST(Gradients, OfAHingeWhoseMarginIsExactlyMetAreZero) {
  // z = 1 with the target 1: the loss falls to the left of z and is flat to the right.
  const LossCase hinge{"hinge", Target::binary, 1};
  expect_share(at_kink("", hinge, 0), 1, "hinge");
}

TEST(Gradients, OfThePenaltyAtZeroAreZero) {
  const LossCase square{"mean_squared_error", Target::numbers, 1};
  Network n = with_losses(graph::parse_model("1 : dense 1 | identity"), square, 1, 2.0);
  for (const auto& [label, value] :
       {std::pair{"input", 1.0}, {"dense1.weight", 1.0}, {"dense1.bias", -1.0}, {"target", 0.0}})
    n.given[n.graph.find(label)] = {value};
  expect_share(n, 0.5, "l1_penalty");
}

}  // namespace
}  // namespace rectify::run
