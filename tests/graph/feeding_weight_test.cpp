// Which weight feeds an activation: the one whose gradient is shown beside it.

#include <gtest/gtest.h>

#include "rectify/graph/activate.h"
#include "rectify/graph/text.h"

namespace rectify::graph {
namespace {

std::string weight_of(const std::string& text, const std::string& activation) {
  const Graph graph = parse_model(text);
  return feeding_weight(graph, graph.find(activation));
}

TEST(FeedingWeight, IsTheNearestUpstream) {
  const std::string two_in_a_row = "2 : dense 3 | relu | dense 3 | dense 4 | relu | dense 2";
  EXPECT_EQ(weight_of(two_in_a_row, "relu1"), "dense1.weight");
  EXPECT_EQ(weight_of(two_in_a_row, "relu2"), "dense3.weight") << "not that of the second layer";
  EXPECT_EQ(weight_of("2 : dense 3 | relu | tanh | dense 2", "tanh1"), "dense1.weight");
  EXPECT_EQ(weight_of("8 : dense 8 | batch_norm | dropout 0.1 | relu | dense 2", "relu1"),
            "dense1.weight");
  EXPECT_EQ(weight_of("4x4x1 : conv 2 3x3 | max_pool 2 | relu | flatten | dense 2", "relu1"),
            "conv1.weight");
}

TEST(FeedingWeight, IsEmptyBeforeTheFirst) {
  for (const char* relu : {"relu1", "relu2", "relu3", "relu4"})
    EXPECT_EQ(weight_of("2 : relu | relu | relu | relu | dense 2", relu), "");
}

TEST(FeedingWeight, IsNoParameterOfOneAxis) {
  EXPECT_EQ(weight_of("8 : prelu | layer_norm | relu | dense 2", "relu1"), "");
  EXPECT_EQ(weight_of("8 : dense 8 | prelu | batch_norm | relu", "relu1"), "dense1.weight");
}

TEST(FeedingWeight, OfPathsThatMeetIsThatOfTheShorter) {
  const std::string block = "8 : dense 8 | relu | residual(dense 8 | relu | dense 8) | relu";
  EXPECT_EQ(weight_of(block, "relu2"), "dense2.weight");
  EXPECT_EQ(weight_of(block, "relu3"), "dense3.weight") << "the shortcut's is further away";
  EXPECT_EQ(weight_of("8 : dense 8 | relu | residual(tanh) | relu", "relu2"), "dense1.weight");
  EXPECT_EQ(weight_of("8 : dense 8 as near | residual(dense 8 | layer_norm | dropout 0.5) | relu",
                      "relu1"),
            "near.weight");
}

TEST(FeedingWeight, OfPathsOfOneLengthIsTheOneThatStandsFirst) {
  EXPECT_EQ(weight_of("8 : residual(dense 8 as main ; dense 8 as shortcut) | relu", "relu1"),
            "main.weight");
  EXPECT_EQ(weight_of("8 : %1 = dense %0 4 as a ; %2 = dense %0 4 as b ; %3 = concat %2 %1 ; "
                      "%4 = relu %3",
                      "relu1"),
            "a.weight");
}

}  // namespace
}  // namespace rectify::graph
