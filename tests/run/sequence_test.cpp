// What works on sequences: embedding, positions, attention.

#include <gtest/gtest.h>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

/// Ids in place of the samples.
Network of_ids(const std::string& text, std::int64_t batch, std::uint32_t ids,
               std::uint64_t seed = 1, Draw how = Draw::normal) {
  Network n = network(text, softmax, batch, seed, how);
  std::vector<double>& samples = n.given.at(n.graph.find("input"));
  for (std::size_t i = 0; i < samples.size(); ++i) samples[i] = Random(seed, 99).below(i, ids);
  return n;
}

const std::vector<std::string>& id_texts() {
  static const std::vector<std::string> texts = {
      "1 : embedding 7 3 | dense 5", "9 : embedding 7 3 | positions | dense 5",
      "9 : embedding 7 40 | positions kind=sinusoidal | relu | dense 5",
      "9 : embedding 7 12 | positions | residual(layer_norm | dense 36 | attention 2 causal=yes | "
      "dense 12) | layer_norm | dense 5"};
  return texts;
}

TEST(Sequence, EmbeddingAndPositionsAreTheReferences) {
  ThreadPool threads(2);
  for (const std::string& text : id_texts())
    for (const std::int64_t batch : {1, 3, 37})
      expect_cpu_is_reference(of_ids(text, batch, 7), threads, text);
}

TEST(Sequence, GradientsAreDifferences) {
  for (const std::string& text : id_texts())
    expect_differences_agree([&](std::uint64_t seed) { return of_ids(text, 2, 7, seed); }, text);
  for (const std::string causal : {"no", "yes"}) {
    const std::string text =
        concat("5x3 : dense 24 | attention 2 causal=", causal, " | tanh | dense 5");
    expect_differences_agree(
        [&](std::uint64_t seed) { return network(text, softmax, 2, seed, Draw::normal); }, text);
  }
}

TEST(Sequence, WhatIsNoIdMakesItsRowNan) {
  ThreadPool threads(2);
  Network n = of_ids("4 : embedding 7 3 | dense 5", 1, 7);
  n.given.at(n.graph.find("input")) = {-1, 2.5, 7, 6};
  const std::vector<float> y = run_on_cpu(n, threads, true).at(n.graph.find("embedding1"));
  for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i < 9) << i;
}

TEST(Sequence, AttentionIsTheReference) {
  ThreadPool threads(2);
  struct Size {
    std::int64_t places, heads, width;
  };
  for (const Size& s :
       {Size{1, 1, 4}, {3, 2, 1}, {31, 3, 5}, {33, 1, 16}, {130, 2, 17}, {300, 2, 40}})
    for (const std::string causal : {"no", "yes"}) {
      const std::string text = concat(s.places, "x6 : dense ", 3 * s.heads * s.width,
                                      " | attention ", s.heads, " causal=", causal, " | dense 5");
      for (const std::int64_t batch : {1, 3})
        expect_cpu_is_reference(network(text, softmax, batch, 1, Draw::normal), threads, text);
    }
}

/// Scores in the thousands, of which a later block of keys has a row's largest.
TEST(Sequence, AttentionOfLargeScoresIsTheReference) {
  ThreadPool threads(1);
  for (const std::string causal : {"no", "yes"}) {
    const std::string text = concat("260x6 : dense 24 | attention 2 causal=", causal, " | dense 5");
    Network n = network(text, softmax, 1, 3, Draw::normal);
    for (double& v : n.given.at(n.graph.find("dense1.weight"))) v *= 32;
    const reference::Values want = run_reference(n);
    const NodeId y = n.graph.find("attention1");
    EXPECT_LE(distance(run_on_cpu(n, threads, true).at(y), want[y]), 1e-3) << text;
  }
}

TEST(Sequence, CausalAttentionSeesNoLaterPlace) {
  ThreadPool threads(1);
  Network n = network("150x6 : dense 24 | attention 2 causal=yes", softmax, 1, 3, Draw::normal);
  const NodeId y = n.graph.find("attention1");
  const std::vector<float> before = run_on_cpu(n, threads, true).at(y);
  std::vector<double>& x = n.given.at(n.graph.find("input"));
  for (std::size_t i = 70 * 6; i < x.size(); ++i) x[i] = -3 * x[i] + 1;
  const std::vector<float> after = run_on_cpu(n, threads, true).at(y);
  for (std::size_t i = 0; i < before.size(); ++i) {
    const bool same = before[i] == after[i];
    ASSERT_EQ(same, i < 70 * 8) << i;
  }
}

TEST(Sequence, TransposedIsTheReference) {
  ThreadPool threads(3);
  const std::string text = "7x33 : dense 20 | transpose | dense 40 | relu | transpose | dense 5";
  for (const std::int64_t batch : {1, 3, 37})
    expect_cpu_is_reference(network(text, softmax, batch, 1, Draw::grid), threads, text);
  const std::string small = "2x3 : dense 3 | transpose | dense 4 | tanh | transpose | dense 5";
  expect_differences_agree(
      [&](std::uint64_t seed) { return network(small, softmax, 2, seed, Draw::normal); }, small);
  const graph::Graph g = graph::parse_model("2x3x4 : transpose");
  EXPECT_EQ(g.node(g.result).type.shape, (Shape{2, 4, 3}));
}

TEST(Sequence, CostsWhatItsProductsCost) {
  const graph::Graph g = graph::parse_model("64x48 : attention 2");
  const graph::Node& node = g.node(g.result);
  EXPECT_EQ(node.type.shape, (Shape{64, 16}));
  const double products = 2 * 2.0 * 64 * 64 * 16;
  EXPECT_NEAR(node.op->cost(g, node).forward_flops / products, 1, 0.3);
}

TEST(Sequence, SaysWhatDoesNotFit) {
  const auto error_of = [](const std::string& text) -> std::string {
    try {
      graph::parse_model(text);
    } catch (const Error& error) {
      return error.what();
    }
    return {};
  };
  for (const auto& [text, part] : {std::pair{"9 : attention 2", "sequence of rows"},
                                   {"9x14 : attention 2", "rows of 14"},
                                   {"9 : transpose", "two axes"},
                                   {"9x14 : attention", "heads is missing"},
                                   {"9 : positions", "rows of channels"},
                                   {"9x4 : relu | embedding 7 3", "put it first"},
                                   {"9 : embedding 7", "units is missing"},
                                   {"9 : embedding 16777216 16777216", "too many"}})
    EXPECT_NE(error_of(text).find(part), std::string::npos) << text << ": " << error_of(text);
}

}  // namespace
}  // namespace rectify::run
