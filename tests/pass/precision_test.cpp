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
