#include "rectify/pass/advance.h"

#include <gtest/gtest.h>

#include "rectify/graph/text.h"
#include "rectify/pass/differentiate.h"

namespace rectify::pass {
namespace {

TEST(Advance, GivesEveryStateANextValueOfItsType) {
  graph::Graph g = graph::parse_model("6 : batch_norm | dense 5 | batch_norm | dense 4");
  const graph::NodeId before = g.size();
  const graph::NextStates next = advance(g);
  EXPECT_EQ(next.size(), 4u);
  for (const graph::NodeId state : g.all("state")) {
    EXPECT_GE(next.at(state), before);
    EXPECT_EQ(g.node(next.at(state)).type, g.node(state).type);
  }
  graph::Graph without = graph::parse_model("6 : dense 5 | layer_norm");
  const graph::NodeId size = without.size();
  EXPECT_TRUE(advance(without).empty());
  EXPECT_EQ(without.size(), size);
}

TEST(Advance, StatesHaveNoGradient) {
  graph::Graph g = graph::parse_model("6 : batch_norm | dense 5 | batch_norm affine=no | dense 4");
  const graph::NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
  const ParameterGradients found =
      differentiate(g, {g.add("softmax_cross_entropy", {g.result, target})});
  EXPECT_EQ(found.size(), g.all("parameter").size());
  for (const graph::NodeId state : g.all("state")) EXPECT_FALSE(found.contains(state));
}

}  // namespace
}  // namespace rectify::pass
