// Samples of several rows, such as the places of a text: dense layers and losses on the last axis.

#include <gtest/gtest.h>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

TEST(Rows, OfSamplesAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string shape : {"1x19", "7x19", "3x5x19"})
    for (const LossCase& loss : loss_cases())
      for (const std::int64_t batch : {1, 3, 37}) {
        const std::string text =
            concat(shape, " : dense 33 | relu | dense 21 bias=no | tanh | dense ", loss.outputs);
        expect_cpu_is_reference(network(text, loss, batch, 2, Draw::grid), threads,
                                text + ", " + loss.text());
      }
}

TEST(Rows, OfManyTilesAreTheReferences) {
  ThreadPool threads(2);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const std::string item : {"relu", "silu", "layer_norm", "prelu"}) {
    const std::string text = concat("64x40 : dense 301 | ", item, " | dense 50 | relu | dense 5");
    for (const std::int64_t batch : {3, 40})
      expect_cpu_is_reference(network(text, loss, batch, 4, Draw::grid), threads, text);
  }
}

TEST(Rows, HaveGradientsThatAreDifferences) {
  for (const LossCase& loss : loss_cases()) {
    const std::string text = concat("2x3 : dense 4 | tanh | dense ", loss.outputs);
    expect_differences_agree(
        [&](std::uint64_t seed) { return network(text, loss, 3, seed, Draw::normal); },
        text + ", " + loss.text());
  }
}

/// A sample of T rows is as T samples of a row each, in all that is computed.
TEST(Rows, AreAsSamples) {
  ThreadPool threads(2);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  const Network rows = network("8x19 : dense 33 | relu | dense 5", loss, 4, 2, Draw::normal);
  Network samples = network("19 : dense 33 | relu | dense 5", loss, 32, 2, Draw::normal);
  samples.given = rows.given;
  const Values a = run_on_cpu(rows, threads, true), b = run_on_cpu(samples, threads, true);
  for (const auto& [id, value] : a)
    EXPECT_LE(distance(value, {b.at(id).begin(), b.at(id).end()}), 1e-6)
        << graph::where(rows.graph.node(id));
}

TEST(Rows, ThatDoNotFitAreRefused) {
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  graph::Graph g = graph::parse_model("7x19 : dense 5");
  const NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
  EXPECT_THROW(g.add("softmax_cross_entropy", {g.result, target}, {}, "loss"), Error);
}

}  // namespace
}  // namespace rectify::run
