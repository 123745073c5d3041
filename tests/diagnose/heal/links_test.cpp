// Which parameters belong to a unit, worked out by hand.

#include "rectify/diagnose/heal/links.h"

#include "rectify/graph/text.h"
#include "tests/diagnose/heal/helpers.h"

namespace rectify::diagnose::healing {
namespace {

/// "layer, incoming ... | readers ...", or why not.
std::string text_of(const std::string& network, std::size_t layer = 0) {
  const graph::Graph graph = graph::parse_model(network);
  const Links links = links_of(graph).at(layer);
  if (!links.refusal.empty()) return links.refusal;
  std::string text = std::to_string(links.units);
  for (const graph::NodeId id : links.incoming) text += " " + graph.node(id).label;
  text += " |";
  for (const graph::NodeId id : links.readers) text += " " + graph.node(id).label;
  return text;
}

TEST(HealLinks, AreThoseOfDenseLayers) {
  EXPECT_EQ(text_of("3 : dense 5 | relu | dense 4 | relu | dense 2"),
            "5 dense1.weight dense1.bias | dense2.weight");
  EXPECT_EQ(text_of("3 : dense 5 bias=no | prelu | dense 4 | relu | dense 2"),
            "5 dense1.weight prelu1.a | dense2.weight");
  EXPECT_EQ(text_of("3 : dense 5 | relu | dense 4 | relu | dense 2", 1),
            "4 dense2.weight dense2.bias | dense3.weight");
}

TEST(HealLinks, GoThroughNormsPoolsAndDropout) {
  EXPECT_EQ(text_of("8x8x1 : conv 5 3x3 | batch_norm | relu | max_pool 2 | dropout 0.5 | flatten | "
                    "dense 2"),
            "5 conv1.weight conv1.bias batch_norm1.mean batch_norm1.variance batch_norm1.scale "
            "batch_norm1.shift | dense1.weight");
  EXPECT_EQ(
      text_of("8x8x1 : conv 5 3x3 bias=no | batch_norm affine=no | relu | conv 6 3x3 | relu | "
              "global_avg_pool | dense 2"),
      "5 conv1.weight batch_norm1.mean batch_norm1.variance | conv2.weight");
  EXPECT_EQ(text_of("8x8x1 : conv 5 3x3 | max_pool 2 | relu | flatten | dense 2"),
            "5 conv1.weight conv1.bias | dense1.weight");
}

TEST(HealLinks, SayWhyTheyAreNotKnown) {
  EXPECT_EQ(text_of("4 : dense 4 | residual(relu | dense 4) | dense 2"),
            "dense 'dense1' before it is read elsewhere too");
  EXPECT_EQ(text_of("4 : dense 4 | relu | residual(dense 4) | dense 2"),
            "add 'add1' reads it, not a dense or conv layer");
  EXPECT_EQ(text_of("4 : dense 4 | relu"), "it is the network's answer");
  EXPECT_EQ(text_of("4 : relu | dense 2"), "input 'input' before it is no dense or conv layer");
  EXPECT_EQ(text_of("4 : dense 4 | layer_norm | relu | dense 2"),
            "layer_norm 'layer_norm1' before it is no dense or conv layer");
  EXPECT_EQ(text_of("4 : dense 4 | relu | batch_norm | dense 2"),
            "batch_norm 'batch_norm1' reads it, not a dense or conv layer");
  EXPECT_EQ(text_of("8x8x4 : conv 4 3x3 groups=2 | relu | flatten | dense 2"),
            "conv 'conv1' before it is no dense or conv layer");
}

}  // namespace
}  // namespace rectify::diagnose::healing
