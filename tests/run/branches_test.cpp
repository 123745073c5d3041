// Networks that fork and meet: sums, products and rows side by side, and their gradients.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/base/text.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

/// Every way in which values meet, for an input of `width` numbers and of about as many units.
std::vector<std::string> branches(std::int64_t width, std::int64_t units, std::int64_t outputs) {
  const std::string w = std::to_string(width), u = std::to_string(units);
  const std::string end = concat(" | dense ", outputs);
  std::vector<std::string> texts;
  const std::vector<std::string> blocks = {
      "residual(dense " + u + " | relu | dense " + u + ") | relu",
      "residual(relu | dense " + u + " | dropout 0.3)",
      "residual(dense 8 | silu ; dense 8 bias=no) | tanh",
      "repeat 3 (residual(dense " + u + ") | relu)",
      "repeat 2 (dense_block(dense 3 | relu)) | prelu",
      "dense_block(dropout 0.3) | dense_block(dense 5)",
      "gated(dense 4 | relu | dense " + u + " | sigmoid)",
      "gated(identity)",
      "residual(gated(dense " + u + ") ; residual(dense_block(tanh) | dense " + u + "))"};
  for (const std::string& block : blocks)
    texts.push_back(concat(w, " : dense ", u, " | ", block, end));
  texts.push_back(concat(w, " : residual(dense ", w, ") | dense_block(relu)", end));
  for (const char* lines : {"%2 = add %1 %1", "%2 = multiply %1 %1", "%2 = concat %1 %1 %1",
                            "%3 = relu %1 ; %4 = tanh %3 ; %5 = add %3 %4 ; %6 = multiply %4 %3 ; "
                            "%2 = concat %5 %1 %6 %0"})
    texts.push_back(concat(w, " : %1 = dense %0 ", u, " ; ", lines, " ; %9 = dense %2 ", outputs));
  return texts;
}

TEST(Branches, HaveTheGradientsOfTheReference) {
  ThreadPool threads(2);
  for (const LossCase& loss : {LossCase{"softmax_cross_entropy", Target::classes, 5},
                               LossCase{"mean_squared_error", Target::numbers, 2}})
    for (const std::string& text : branches(19, 33, loss.outputs))
      for (const std::int64_t batch : {1, 3, 37})
        expect_cpu_is_reference(network(text, loss, batch, 1, Draw::grid, 0.2), threads,
                                text + ", " + loss.text());
}

TEST(Branches, OfManyTilesHaveTheGradientsOfTheReference) {
  ThreadPool threads(3);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const std::string& text : branches(70, 301, 5))
    expect_cpu_is_reference(network(text, loss, 130, 4, Draw::grid), threads, text);
}

TEST(Branches, HaveReferencesWhoseGradientsAreDifferences) {
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const std::string& text : branches(3, 4, 5))
    expect_differences_agree(
        [&](std::uint64_t seed) { return network(text, loss, 3, seed, Draw::normal, 0.2); }, text);
}

/// y = gelu(prelu(x) times prelu(row)), a row of channels for each sample's places, penalised.
Network scaled_by_rows(const Shape& shape, std::int64_t batch, std::uint64_t seed, Draw how) {
  Network n{.batch = batch};
  graph::Attributes prelu, gelu;
  prelu.set("row", std::string("prelu"));
  gelu.set("row", std::string("gelu"));
  const NodeId x = n.graph.add_input({.shape = shape}, "input");
  const NodeId row = n.graph.add_input({.shape = Shape{shape.back()}}, "row");
  const NodeId y = n.graph.add("multiply", {graph::add_activation(n.graph, x, prelu, ""),
                                            graph::add_activation(n.graph, row, prelu, "")});
  n.graph.result = n.graph.add("activate", {y}, gelu);
  n.losses = {n.graph.add("l1_penalty", {n.graph.result})};
  n.gradients = pass::differentiate(n.graph, n.losses);
  draw_data(n, {"", Target::numbers, 1}, seed, how);
  return n;
}

TEST(Multiply, ByARowOfChannelsHasTheGradientsOfTheReference) {
  ThreadPool threads(3);
  for (const Shape& shape : {Shape{5, 7, 3}, Shape{1, 1, 4}, Shape{2, 130}, Shape{40, 41, 16},
                             Shape{3, 3, 300}, Shape{6, 1}})
    for (const std::int64_t batch : {1, 3, 37})
      expect_cpu_is_reference(scaled_by_rows(shape, batch, 1, Draw::grid), threads, shape.text());
  const auto small = [](std::uint64_t seed) {
    return scaled_by_rows(Shape{2, 2, 3}, 3, seed, Draw::normal);
  };
  expect_differences_agree(small, "2x2x3");
}

TEST(Multiply, ByARowHasTheSameBitsForAnyNumberOfThreads) {
  ThreadPool one(1), five(5);
  for (const std::int64_t batch : {1, 37}) {
    const Network n = scaled_by_rows(Shape{9, 31, 150}, batch, 3, Draw::normal);
    for (const bool keep_all : {true, false})
      EXPECT_EQ(run_on_cpu(n, one, keep_all), run_on_cpu(n, five, keep_all));
  }
}

TEST(Concat, PutsRowsSideBySide) {
  graph::Graph g;
  const NodeId a = g.add_input({.shape = Shape{2, 1}}, "input");
  const NodeId b = g.add_input({.shape = Shape{2, 3}}, "b");
  g.result = g.add("concat", {a, b, a});
  EXPECT_EQ(g.node(g.result).type.shape, (Shape{2, 5}));
  Network n{.graph = g, .batch = 2, .given = {{a, {1, 2, 3, 4}}}};
  for (int i = 10; i < 22; ++i) n.given[b].push_back(i);
  ThreadPool threads(2);
  EXPECT_EQ(run_on_cpu(n, threads, true).at(g.result),
            (std::vector<float>{1, 10, 11, 12, 1, 2, 13, 14, 15, 2,  //
                                3, 16, 17, 18, 3, 4, 19, 20, 21, 4}));
}

TEST(Joins, RefuseShapesThatDoNotFit) {
  graph::Graph g;
  const NodeId a = g.add_input({.shape = Shape{4, 6}}, "input");
  const NodeId b = g.add_input({.shape = Shape{6}}, "b");
  const NodeId c = g.add_input({.shape = Shape{3, 6}}, "c");
  EXPECT_THROW(g.add("add", {a, b}), Error);
  EXPECT_THROW(g.add("multiply", {b, a}), Error) << "the row is second";
  EXPECT_THROW(g.add("multiply", {a, c}), Error);
  EXPECT_THROW(g.add("concat", {a, c}), Error);
  EXPECT_THROW(g.add("concat", {a, b}), Error);
  for (const char* op : {"add", "multiply", "concat"}) {
    EXPECT_THROW(g.add(op, {}), Error);
    EXPECT_THROW(g.add(op, {a}), Error);
  }
}

/// How many nodes of the training graph are computed with others.
std::size_t fused_sums(const std::string& text) {
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  const Network n = network(text, loss, 3, 1, Draw::grid);
  const std::vector<NodeId> host = cpu_backend().fuse(n.graph);
  std::size_t sums = 0;
  for (NodeId id = 0; id < n.graph.size(); ++id)
    sums += host[id] >= 0 && n.graph.node(id).op->joins;
  return sums;
}

TEST(Branches, AreSummedWithTheProductsThatTheyComeFrom) {
  EXPECT_EQ(fused_sums("9 : dense 8 | residual(relu | dense 8) | dense 5"), 2u)
      << "the sum, and that of the gradients";
  EXPECT_EQ(fused_sums("9 : dense 8 | residual(dense 8 ; dense 8) | dense 5"), 2u);
  EXPECT_EQ(fused_sums("9 : dense 8 | gated(dense 8 | sigmoid) | dense 5"), 3u);
}

}  // namespace
}  // namespace rectify::run
