#include "rectify/pass/precision.h"

#include <gtest/gtest.h>

#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/pass/differentiate.h"

namespace rectify::pass {
namespace {

using graph::Graph;
using graph::NodeId;

Graph training_graph() {
  Graph g = graph::parse_model("6 : dense 5 | relu | dropout 0.5 | dense 4");
  const NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
  differentiate(g, {g.add("softmax_cross_entropy", {g.result, target})});
  return g;
}

TEST(Precision, RoundsTheFactorsOfProductsAndNothingElse) {
  const Graph before = training_graph();
  const Rewritten now = with_bfloat16_products(before);
  int products = 0;
  for (const graph::Node& node : now.graph.nodes())
    for (std::size_t i = 0; i < node.inputs.size(); ++i) {
      const graph::Node& input = now.graph.input(node, i);
      EXPECT_EQ(input.type.element == Element::bfloat16, i < node.op->factors) << node.label;
      EXPECT_EQ(input.op->name == "to_bfloat16", i < node.op->factors) << node.label;
      products += node.op->factors > 0 && i == 0;
    }
  EXPECT_EQ(products, 5) << "two forward, two weight gradients, one input gradient";
}

TEST(Precision, RoundsEachValueOnce) {
  // Two inputs of layers, two weights, two gradients that arrive; the second weight is read twice.
  EXPECT_EQ(with_bfloat16_products(training_graph()).graph.all("to_bfloat16").size(), 6u);
}

TEST(Precision, RoundsAValueOnceThatSeveralLayersRead) {
  const Graph g =
      graph::parse_model("6 : dense 5 | residual(dense 5 ; dense 5) | dense_block(relu)");
  const Rewritten now = with_bfloat16_products(g);
  EXPECT_EQ(now.graph.all("to_bfloat16").size(), 5u) << "three weights, the input, dense1";
  const NodeId rounded = now.graph.find("dense1.bfloat16");
  EXPECT_EQ(now.graph.users(rounded).size(), 2u);
  for (const NodeId sum : now.graph.all("add"))
    for (const NodeId input : now.graph.node(sum).inputs)
      EXPECT_EQ(now.graph.node(input).type.element, Element::float32);
}

/// As kernels of these operators say.
Narrow may_be_narrow(const Graph&, const graph::Node& node) {
  const std::string_view op = node.op->name;
  if (op == "conv" || op == "conv_input_gradient") return Narrow::result;
  if (op == "batch_norm" || op == "batch_norm_statistics" || op == "activate") return Narrow::first;
  if (op.starts_with("batch_norm_") || op == "activate_gradient") return Narrow::second;
  return op == "add" ? Narrow::all : Narrow::never;
}

Graph images(const std::string& text) {
  Graph g = graph::parse_model(text);
  const NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
  differentiate(g, {g.add("softmax_cross_entropy", {g.result, target})});
  return g;
}

bool is_narrow(const Rewritten& now, const Graph& before, const char* label) {
  return now.graph.node(now.at[before.find(label)]).type.element == Element::bfloat16;
}

TEST(Precision, KeepsWhatLiesBetweenConvolutions) {
  const Graph before = images(
      "8x8x3 : conv 4 3x3 bias=no | batch_norm | relu | residual(conv 4 3x3 bias=no | "
      "batch_norm) | relu | global_avg_pool | dense 2");
  const Rewritten now = with_bfloat16_products(before, may_be_narrow);
  for (const char* label : {"conv1", "batch_norm1", "relu1", "conv2", "batch_norm2", "relu2",
                            "d_conv2.input", "d_relu2", "d_batch_norm2", "d_relu1"})
    EXPECT_TRUE(is_narrow(now, before, label)) << label;
  for (const char* label : {"global_avg_pool1", "dense1", "loss", "d_global_avg_pool1",
                            "d_conv1.weight", "batch_norm1.statistics"})
    EXPECT_FALSE(is_narrow(now, before, label)) << label;
  const NodeId widened = now.graph.find("relu2.float32");
  ASSERT_GE(widened, 0);
  EXPECT_EQ(now.graph.node(widened).op->name, "to_float32");
  EXPECT_GE(now.graph.find("d_global_avg_pool1.bfloat16"), 0);
  EXPECT_LT(now.graph.find("relu1.bfloat16"), 0) << "it is so already";
}

TEST(Precision, LeavesProductsThatSomebodyReadsAsFloats) {
  const Graph before = images(
      "8x8x3 : conv 4 3x3 bias=no | dense_block(conv 4 3x3 | relu) | "
      "batch_norm | relu | global_avg_pool | dense 2");
  const Rewritten now = with_bfloat16_products(before, may_be_narrow);
  for (const char* label : {"conv1", "concat1", "batch_norm1", "relu2"})
    EXPECT_FALSE(is_narrow(now, before, label)) << label;
  EXPECT_TRUE(is_narrow(now, before, "relu1")) << "its gradient reads it, too";
  EXPECT_GE(now.graph.find("relu1.float32"), 0);
}

TEST(Precision, LeavesWhatIsKeptAndWhatComesFromIt) {
  const Graph before = images(
      "8x8x3 : conv 4 3x3 bias=no | batch_norm | relu | conv 4 3x3 | relu "
      "| conv 2 3x3 | flatten | dense 2");
  const Rewritten now = with_bfloat16_products(before, may_be_narrow, {before.find("batch_norm1")});
  EXPECT_FALSE(is_narrow(now, before, "conv1"));
  EXPECT_FALSE(is_narrow(now, before, "batch_norm1"));
  EXPECT_FALSE(is_narrow(now, before, "relu1"));
  EXPECT_TRUE(is_narrow(now, before, "conv2"));
}

TEST(Precision, LeavesAllOtherNodesAsTheyAre) {
  const Graph before = training_graph();
  const Rewritten now = with_bfloat16_products(before);
  ASSERT_EQ(now.at.size(), before.nodes().size());
  for (NodeId id = 0; id < before.size(); ++id) {
    const graph::Node &was = before.node(id), &is = now.graph.node(now.at[id]);
    EXPECT_EQ(is.op, was.op);
    EXPECT_EQ(is.label, was.label);
    EXPECT_EQ(is.type, was.type);
    EXPECT_EQ(is.stream, was.stream);
  }
  EXPECT_EQ(now.graph.result, now.at[before.result]);
}

}  // namespace
}  // namespace rectify::pass
