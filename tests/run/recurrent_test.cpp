// recurrent against the reference, its gradients against differences, and what it refuses.

#include <gtest/gtest.h>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

TEST(Recurrent, IsTheReferenceForEveryActivation) {
  ThreadPool threads(2);
  for (const std::string& row : activation::names()) {
    const std::string text = concat("6x4 : dense 9 | recurrent ", row, " | dense 5");
    expect_cpu_is_reference(network(text, softmax, 3, 1, Draw::normal), threads, text);
  }
}

TEST(Recurrent, IsTheReferenceForEverySize) {
  ThreadPool threads(3);
  for (const std::string text : {"1x3 : recurrent relu | dense 5", "2x3 : recurrent gelu | dense 5",
                                 "40x17 : dense 33 | recurrent leaky_relu a=0.2 gain=0.5 | dense 5",
                                 "2x5x16 : recurrent silu | recurrent tanh | dense 5"})
    for (const std::int64_t batch : {1, 16, 37})
      expect_cpu_is_reference(network(text, softmax, batch, 1, Draw::normal), threads, text);
}

TEST(Recurrent, GradientsAreDifferences) {
  for (const std::string row : {"tanh", "relu", "gelu", "leaky_relu a=0.3"}) {
    const std::string text = concat("5x3 : dense 4 | recurrent ", row, " | dense 5");
    expect_differences_agree(
        [&](std::uint64_t seed) { return network(text, softmax, 2, seed, Draw::normal); }, text);
  }
}

TEST(Recurrent, SeesNoLaterPlaceAndNoOtherSample) {
  ThreadPool threads(2);
  Network n = network("9x4 : recurrent tanh", softmax, 20, 3, Draw::normal);
  const NodeId y = n.graph.find("recurrent1");
  const std::vector<float> before = run_on_cpu(n, threads, true).at(y);
  std::vector<double>& x = n.given.at(n.graph.find("input"));
  x[(7 * 9 + 5) * 4] += 1;  // sample 7, place 5
  const std::vector<float> after = run_on_cpu(n, threads, true).at(y);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const std::size_t sample = i / 36, place = i / 4 % 9;
    if (sample == 7 && place == 5) continue;  // of which one input changed
    const bool same = before[i] == after[i];
    ASSERT_EQ(same, sample != 7 || place < 5) << i;
  }
}

TEST(Recurrent, IsWrittenAsItIsRead) {
  const std::string text =
      "28x28 : dense 100 | recurrent relu init=identity | recurrent leaky_relu gain=0.5 a=0.2";
  EXPECT_EQ(graph::model_text(graph::parse_model(text)), text);
}

TEST(Recurrent, SaysWhatDoesNotFit) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      graph::parse_model(text);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  for (const auto& [text, part] : {std::pair{"9 : recurrent relu", "sequence of rows"},
                                   {"9x4 : recurrent", "row is missing"},
                                   {"9x4 : recurrent tnah", "did you mean 'tanh'?"},
                                   {"9x4 : recurrent tanh init=one", "init"}})
    EXPECT_NE(error_of(text).find(part), std::string::npos) << text << ": " << error_of(text);
}

TEST(Recurrent, CostsAProductAPlace) {
  const graph::Graph g = graph::parse_model("50x16 : recurrent tanh");
  const graph::Cost cost = g.node(g.result).op->cost(g, g.node(g.result));
  const double product = 50 * 2.0 * 16 * 16;
  EXPECT_NEAR(cost.forward_flops / product, 1, 0.1);
  EXPECT_NEAR(cost.gradient_flops / product, 2, 0.1);
}

}  // namespace
}  // namespace rectify::run
