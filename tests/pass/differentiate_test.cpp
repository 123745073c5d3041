#include "rectify/pass/differentiate.h"

#include <gtest/gtest.h>

#include <set>

#include "rectify/base/error.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::pass {
namespace {

using graph::Graph;
using graph::NodeId;

NodeId add_loss(Graph& g) {
  const NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
  return g.add("softmax_cross_entropy", {g.result, target}, {}, "loss");
}

NodeId add_penalty(Graph& g, NodeId on) { return g.add("l1_penalty", {on}); }

TEST(Differentiate, GivesExactlyOneGradientPerParameterOfItsShape) {
  for (const char* text :
       {"9 : dense 5", "9 : dense 5 bias=no | relu | dense 4",
        "9 : repeat 4 (dense 7 | leaky_relu a=0.2 | dropout 0.3) | dense 5 | tanh | dense 2",
        "9 : prelu | dense 8 | prelu | dense 8 | geglu | maxout 2 | rrelu | log_softmax",
        "9 : residual(dense 9 | relu) | dense_block(dense 4) | gated(dense 13 | sigmoid) | dense 2",
        "9 : %1 = dense %0 5 ; %2 = multiply %1 %1 ; %3 = concat %1 %2 %1 ; %4 = add %3 %3"}) {
    Graph g = graph::parse_model(text);
    std::vector<NodeId> losses = {add_loss(g)};
    for (const NodeId id : g.all("activate")) losses.push_back(add_penalty(g, id));
    const NodeId before = g.size();
    const ParameterGradients gradients = differentiate(g, losses);
    EXPECT_EQ(gradients.size(), g.all("parameter").size()) << text;
    std::set<NodeId> different;
    for (const auto& [parameter, gradient] : gradients) {
      EXPECT_GE(gradient, before) << text;
      EXPECT_EQ(g.node(gradient).type, g.node(parameter).type) << g.node(parameter).label;
      EXPECT_TRUE(different.insert(gradient).second) << g.node(parameter).label;
    }
  }
}

TEST(Differentiate, LeavesTheForwardNodesAlone) {
  Graph g = graph::parse_model("9 : dense 5 | relu | dropout | dense 4");
  const NodeId loss = add_loss(g);
  const Graph before = g;
  differentiate(g, {loss});
  EXPECT_GT(g.size(), before.size());
  for (NodeId id = 0; id < before.size(); ++id) {
    EXPECT_EQ(g.node(id).label, before.node(id).label);
    EXPECT_EQ(g.node(id).inputs, before.node(id).inputs);
  }
  for (NodeId id = 0; id < g.size(); ++id)
    for (const NodeId input : g.node(id).inputs) EXPECT_LT(input, id) << g.node(id).label;
}

TEST(Differentiate, AsksForNoGradientInTheSamples) {
  Graph g = graph::parse_model("9 : dense 5 | relu | dense 4");
  const NodeId loss = add_loss(g);
  differentiate(g, {loss});
  EXPECT_EQ(g.all("dense_weight_gradient").size(), 2u);
  EXPECT_EQ(g.all("dense_input_gradient").size(), 1u)
      << "only dense2's input depends on parameters";
}

TEST(Differentiate, SumsTheGradientsOfSeveralUsersWithAdd) {
  Graph g = graph::parse_model("9 : dense 5 | relu");
  const NodeId relu = g.result;
  const NodeId tanh = g.add("activate", {relu}, [] {
    graph::Attributes attributes;
    attributes.set("row", std::string("tanh"));
    return attributes;
  }());
  g.result = g.add("add", {relu, tanh});
  const NodeId loss = add_loss(g), sums_before = static_cast<NodeId>(g.all("add").size());
  const ParameterGradients gradients = differentiate(g, {loss});
  const std::vector<NodeId> sums = g.all("add");
  ASSERT_EQ(sums.size(), static_cast<std::size_t>(sums_before) + 1);
  // The gradient in relu1 is that of the sum plus that through tanh.
  const graph::Node& meeting = g.node(sums.back());
  EXPECT_EQ(g.node(g.find("d_relu1")).inputs[0], sums.back());
  std::set<std::string> met;
  for (const NodeId input : meeting.inputs) met.insert(g.node(input).label);
  EXPECT_EQ(met,
            (std::set<std::string>{"d_loss", g.node(g.find("d_" + g.node(tanh).label)).label}));
  EXPECT_EQ(gradients.size(), 2u);
}

TEST(Differentiate, SumsTheGradientsOfSeveralLosses) {
  Graph g = graph::parse_model("9 : dense 5 | relu | dense 4");
  const NodeId loss = add_loss(g), penalty = add_penalty(g, g.find("relu1"));
  differentiate(g, {loss, penalty});
  ASSERT_EQ(g.all("add").size(), 1u);
  std::set<std::string_view> met;
  for (const NodeId input : g.node(g.all("add")[0]).inputs) met.insert(g.node(input).op->name);
  EXPECT_EQ(met, (std::set<std::string_view>{"dense_input_gradient", "l1_penalty_gradient"}));
}

TEST(Differentiate, SkipsParametersThatTheLossDoesNotSee) {
  Graph g = graph::parse_model("9 : dense 5 | relu | dense 4");
  const NodeId penalty = add_penalty(g, g.find("relu1"));
  const ParameterGradients gradients = differentiate(g, {penalty});
  EXPECT_EQ(gradients.size(), 2u);
  EXPECT_FALSE(gradients.contains(g.find("dense2.weight")));
}

TEST(Differentiate, GivesTheGradientOfADropoutItsMask) {
  Graph g = graph::parse_model("9 : dense 5 | dropout | dense 4 | dropout 0.1 | dense 3");
  const NodeId loss = add_loss(g);
  differentiate(g, {loss});
  for (const std::string label : {"dropout1", "dropout2"}) {
    const graph::Node &forward = g.node(g.find(label)), &backward = g.node(g.find("d_" + label));
    EXPECT_EQ(forward.stream, backward.stream);
    EXPECT_EQ(forward.attributes.number("rate"), backward.attributes.number("rate"));
  }
  EXPECT_NE(g.node(g.find("dropout1")).stream, g.node(g.find("dropout2")).stream);
}

TEST(Differentiate, GivesTheGradientOfARandomActivationItsNumbers) {
  Graph g = graph::parse_model("9 : dense 5 | rrelu 0.1 0.2 | dense 4 | noisy_relu | dense 3");
  const NodeId loss = add_loss(g);
  differentiate(g, {loss});
  for (const std::string label : {"rrelu1", "noisy_relu1"}) {
    const graph::Node &forward = g.node(g.find(label)), &backward = g.node(g.find("d_" + label));
    EXPECT_EQ(forward.stream, backward.stream);
    EXPECT_EQ(forward.attributes, backward.attributes);
  }
  EXPECT_NE(g.node(g.find("rrelu1")).stream, g.node(g.find("noisy_relu1")).stream);
}

TEST(Differentiate, LearnsTheSlopeOfTheSamplesWithoutAGradientInThem) {
  Graph g = graph::parse_model("9 : prelu | dense 4");
  const NodeId loss = add_loss(g);
  const ParameterGradients gradients = differentiate(g, {loss});
  EXPECT_EQ(gradients.size(), 3u);
  EXPECT_TRUE(g.all("activate_learned_gradient").empty());
}

TEST(Differentiate, RefusesWhatIsNoLoss) {
  Graph g = graph::parse_model("9 : dense 5");
  EXPECT_THROW(differentiate(g, {g.result}), Error);
}

TEST(GradientIn, IsOfTheValuesType) {
  for (const char* text : {"9 : dense 5", "9 : prelu | dense 8 | relu | dense 4",
                           "9 : residual(dense 9 | relu) | dense_block(dense 4) | dense 2"}) {
    Graph g = graph::parse_model(text);
    const NodeId loss = add_loss(g), input = g.find("input");
    const NodeId gradient = gradient_in(g, {loss}, input);
    EXPECT_EQ(g.node(gradient).type, g.node(input).type) << text;
  }
}

TEST(GradientIn, RefusesAValueThatNoLossDependsOn) {
  Graph g = graph::parse_model("9 : dense 5");
  const NodeId loss = add_loss(g), other = g.add_input({.shape = {9}}, "other");
  try {
    gradient_in(g, {loss}, other);
    FAIL() << "took it";
  } catch (const Error& error) {
    EXPECT_NE(std::string(error.what()).find("no loss depends on"), std::string::npos);
  }
}

}  // namespace
}  // namespace rectify::pass
