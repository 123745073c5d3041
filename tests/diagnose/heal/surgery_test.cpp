// Networks with fewer units, number by number.

#include "rectify/diagnose/heal/surgery.h"

#include "rectify/graph/text.h"
#include "tests/diagnose/heal/helpers.h"

namespace rectify::diagnose::healing {
namespace {

TEST(HealSurgery, KeepsTheColumnsAndRowsOfTheUnitsThatStay) {
  model::Model model("2 : dense 3 | prelu | dense 2");
  set(model, "dense1.weight", {1, 2, 3, 4, 5, 6});
  set(model, "dense1.bias", {7, 8, 9});
  set(model, "prelu1.a", {0.1f, 0.2f, 0.3f});
  set(model, "dense2.weight", {11, 12, 21, 22, 31, 32});
  set(model, "dense2.bias", {1, 2});
  model.class_names = {"a", "b"};
  const model::Model now = with_units(model, {{model.graph.find("prelu1"), {0, 2}}});
  EXPECT_EQ(graph::model_text(now.graph), "2 : dense 2 | prelu | dense 2");
  EXPECT_EQ(get(now, "dense1.weight"), (std::vector<float>{1, 3, 4, 6}));
  EXPECT_EQ(get(now, "dense1.bias"), (std::vector<float>{7, 9}));
  EXPECT_EQ(get(now, "prelu1.a"), (std::vector<float>{0.1f, 0.3f}));
  EXPECT_EQ(get(now, "dense2.weight"), (std::vector<float>{11, 12, 31, 32}));
  EXPECT_EQ(get(now, "dense2.bias"), (std::vector<float>{1, 2}));
  EXPECT_EQ(now.class_names, model.class_names);
}

TEST(HealSurgery, KeepsAChannelsRowsOfEveryPosition) {
  // Channels 0, 1, 2 at the positions (0, 0) and (0, 1): rows 0 to 5.
  model::Model model("1x2x1 : conv 3 1x1 | relu | flatten | dense 1");
  set(model, "conv1.weight", {1, 2, 3});
  set(model, "dense1.weight", {10, 11, 12, 20, 21, 22});
  const model::Model now = with_units(model, {{model.graph.find("relu1"), {1, 2}}});
  EXPECT_EQ(graph::model_text(now.graph), "1x2x1 : conv 2 1x1 | relu | flatten | dense 1");
  EXPECT_EQ(get(now, "conv1.weight"), (std::vector<float>{2, 3}));
  EXPECT_EQ(get(now, "dense1.weight"), (std::vector<float>{11, 12, 21, 22}));
}

TEST(HealSurgery, CutsBothAxesOfAConvolutionBetweenTwo) {
  // 1x2 taps, 2 inputs, 2 units: w[tap][input][unit] = 100 tap + 10 input + unit.
  model::Model model("1x2x1 : conv 2 1x1 | relu | conv 2 1x2 | relu | flatten | dense 1");
  set(model, "conv2.weight", {0, 1, 10, 11, 100, 101, 110, 111});
  const model::Model now =
      with_units(model, {{model.graph.find("relu1"), {1}}, {model.graph.find("relu2"), {0}}});
  EXPECT_EQ(get(now, "conv2.weight"), (std::vector<float>{10, 110}));
}

TEST(HealSurgery, GivesAPreluALabelThatIsFree) {
  const model::Model model("2 : dense 3 | relu | dense 3 | prelu | dense 2");
  const std::vector<graph::NodeId> swapped = {model.graph.find("relu1")};
  const model::Model now = with_prelu(model, swapped);
  EXPECT_EQ(graph::model_text(graph::parse_model(graph::model_text(now.graph))),
            graph::model_text(now.graph));
  EXPECT_EQ(get(now, "prelu2.a"), (std::vector<float>{0, 0, 0}));
}

graph::Attributes attributes_of(const std::string& item) {
  const graph::Graph one = graph::parse_model("1 : " + item);
  return one.node(one.result).attributes;
}

TEST(HealSurgery, PutsAnActivationInPlaceOfOthersAndOfThoseOfGates) {
  model::Model model("2 : dense 4 | swiglu | dense 2 | silu learn=yes | silu learn=yes | dense 2");
  set(model, "dense1.weight", {1, 2, 3, 4, 5, 6, 7, 8});
  set(model, "silu1.beta", {1, 2});
  set(model, "silu2.beta", {3, 4});
  const std::vector<graph::NodeId> places = {model.graph.find("swiglu1"),
                                             model.graph.find("silu1")};
  const model::Model now = with_activation(model, places, attributes_of("relu"));
  EXPECT_EQ(graph::model_text(now.graph),
            "2 : dense 4 | reglu | dense 2 | relu | silu learn=yes as silu2 | dense 2");
  EXPECT_EQ(get(now, "dense1.weight"), get(model, "dense1.weight"));
  EXPECT_EQ(get(now, "silu2.beta"), (std::vector<float>{3, 4}));
  EXPECT_EQ(now.layout.count(), model.layout.count() - 2) << "silu1 learns nothing any more";
}

TEST(HealSurgery, KeepsTheHalfThatAGateGatesBy) {
  const model::Model model("2 : dense 4 | glu gate=second | dense 2");
  const std::vector<graph::NodeId> places = {model.graph.find("glu1")};
  const model::Model now = with_activation(model, places, attributes_of("relu_squared"));
  EXPECT_EQ(graph::model_text(now.graph), "2 : dense 4 | gate relu_squared gate=second | dense 2");
}

}  // namespace
}  // namespace rectify::diagnose::healing
