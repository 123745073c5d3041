#include "rectify/graph/graph.h"

#include <gtest/gtest.h>

#include <cmath>
#include <set>

#include "rectify/base/error.h"
#include "rectify/graph/loss.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"

namespace rectify::graph {
namespace {

template <class Act>
std::string error_of(const Act& act) {
  try {
    act();
  } catch (const Error& error) {
    return error.what();
  }
  return {};
}

void expect_parts(const std::string& what, const std::vector<std::string>& parts) {
  for (const std::string& part : parts)
    EXPECT_NE(what.find(part), std::string::npos) << "'" << what << "' lacks \"" << part << "\"";
}

TEST(Graph, LabelsAreUnique) {
  const Graph g = parse_model(
      "9 : repeat 3 (dense 9 | relu) | dense 9 as relu4 | relu | dense 9 as dense9 | "
      "dense 9 | dropout");
  std::set<std::string> labels;
  for (const Node& node : g.nodes()) EXPECT_TRUE(labels.insert(node.label).second) << node.label;
  for (NodeId id = 0; id < g.size(); ++id) EXPECT_EQ(g.find(g.node(id).label), id);
  EXPECT_EQ(g.find("nobody"), -1);
}

TEST(Graph, HasNoNodeOfAnotherNumber) {
  const Graph g = parse_model("2 : dense 3");
  expect_parts(error_of([&] { g.node(g.find("nobody")); }), {"no node -1", "Graph::find()"});
  expect_parts(error_of([&] { g.node(g.size()); }), {concat("no node ", g.size())});
  expect_parts(error_of([&] { Graph().node(0); }), {"no node 0", "empty"});
}

TEST(Graph, RefusesASecondNodeOfTheSameLabelHoweverItIsAdded) {
  Graph g = parse_model("2 : dense 3 as first | relu");
  const NodeId size = g.size();
  expect_parts(error_of([&] { g.add("activate", {g.result}, {}, "relu1"); }), {"'relu1'"});
  expect_parts(error_of([&] { g.add_input({.shape = Shape{3}}, "first"); }), {"'first'"});
  expect_parts(error_of([&] { g.add_parameter(Shape{3}, {}, "input"); }), {"'input'"});
  EXPECT_EQ(g.size(), size) << "a refused node must leave the graph as it was";
}

TEST(Graph, FindsUsersAndNodesOfAKind) {
  Graph g = parse_model("2 : relu | tanh");
  const NodeId input = g.find("input"), relu = g.find("relu1"), tanh = g.find("tanh1");
  const NodeId sum = g.add("add", {relu, tanh}), twice = g.add("add", {relu, relu});
  EXPECT_EQ(g.users(relu), (std::vector<NodeId>{tanh, sum, twice}));
  EXPECT_EQ(g.users(twice), std::vector<NodeId>{});
  EXPECT_EQ(g.all("activate"), (std::vector<NodeId>{relu, tanh}));
  EXPECT_EQ(g.all("input"), std::vector<NodeId>{input});
}

TEST(Graph, MismatchedSizesAreNamedWithBothNumbers) {
  Graph g = parse_model("1000 : dense 784 as wide | relu");
  const NodeId weight = g.add_parameter(Shape{1000, 10}, {}, "w");
  Attributes attributes;
  attributes.set("units", std::int64_t{10});
  expect_parts(error_of([&] {
                 g.add("dense", {g.result, weight}, attributes, "fc2");
               }),
               {"dense 'fc2'", "wants 1000 inputs", "'relu1' gives 784"});
  expect_parts(error_of([&] {
                 g.add("add", {g.find("wide"), g.find("input")}, {}, "sum");
               }),
               {"add 'sum'", "'wide' gives 784", "'input' gives 1000"});
  const NodeId targets = g.add_input({.shape = Shape{3}}, "target");
  for (const std::string& loss : loss_names())
    expect_parts(error_of([&] {
                   g.add(loss, {g.result, targets});
                 }),
                 {loss, "3 numbers", "'relu1' gives 784"});
}

TEST(Graph, UnknownOperatorsAndActivationsAreNamed) {
  Graph g = parse_model("2 : relu");
  expect_parts(error_of([&] { g.add("blend", {0, 0}); }), {"'blend'"});
  Attributes attributes;
  attributes.set("row", std::string("rellu"));
  expect_parts(error_of([&] { g.add("activate", {0}, attributes); }), {"did you mean 'relu'"});
}

TEST(Graph, RefusesInputsThatAreNoNodes) {
  Graph g = parse_model("4 : relu");
  const NodeId size = g.size();
  for (const NodeId wrong : {g.find("typo"), size, NodeId{1000}})
    expect_parts(error_of([&] {
                   g.add("add", {g.result, wrong}, {}, "sum");
                 }),
                 {"add 'sum'", "input " + std::to_string(wrong), "no node of this graph"});
  EXPECT_EQ(g.size(), size);
}

TEST(Graph, RefusesTooFewInputs) {
  Graph g = parse_model("4 : relu");
  const NodeId x = g.find("input"), size = g.size();
  const std::vector<std::pair<const char*, std::vector<NodeId>>> cases = {
      {"dense", {}},    {"dense", {x}},     {"dense_weight_gradient", {x}},
      {"activate", {}}, {"embedding", {x}}, {"activate_learned", {x}},
      {"top_k", {}},    {"add", {}},        {"softmax_cross_entropy", {x}},
      {"softmax", {}},  {"dropout", {}},
  };
  for (const auto& [op, inputs] : cases) EXPECT_THROW(g.add(op, inputs), Error) << op;
  expect_parts(error_of([&] { g.add("dense", {x}, {}, "fc"); }),
               {"dense 'fc'", "more inputs than the 1"});
  EXPECT_EQ(g.size(), size);
}

/// What add() says to an operator of the network's input with one attribute.
std::string said_to(const char* op, const char* name, AttributeValue value,
                    const char* row = nullptr) {
  Graph g = parse_model("4 : relu");
  Attributes attributes;
  if (row) attributes.set("row", std::string(row));
  attributes.set(name, std::move(value));
  return error_of([&] { g.add(op, {g.result}, attributes, "f"); });
}

TEST(Graph, RefusesAttributesThatTheOperatorDoesNotHave) {
  expect_parts(said_to("dropout", "raet", 0.1), {"dropout 'f' has no 'raet'", "rate"});
  expect_parts(said_to("activate", "b", 0.1, "leaky_relu"), {"activate 'f' has no 'b'"});
  expect_parts(said_to("softmax", "axis", std::int64_t{1}), {"softmax 'f' has no 'axis'"});
}

TEST(Graph, RefusesAttributesOfAnotherKind) {
  expect_parts(said_to("dropout", "rate", std::int64_t{0}),
               {"dropout 'f'", "rate must be a number", "a whole number, 0"});
  expect_parts(said_to("top_k", "keep", std::string("all")), {"keep must be a number", "all"});
  expect_parts(said_to("maxout", "pieces", 2.0), {"pieces must be a whole number"});
  expect_parts(said_to("activate", "row", 1.0), {"row must be a word"});
  expect_parts(said_to("activate", "a", std::int64_t{0}, "leaky_relu"), {"a must be a number"});
  expect_parts(said_to("apply", "function", std::string("sine")), {"function cannot be 'sine'"});
}

TEST(Graph, RefusesNumbersOutOfRange) {
  for (const double rate : {-1.0, 0.995, 5.0, std::nan("")})
    expect_parts(said_to("dropout", "rate", rate),
                 {"dropout 'f': rate must be between 0 and 0.99"});
  expect_parts(said_to("activate", "a", 7.0, "leaky_relu"),
               {"activate 'f': a must be between 0 and 1, not 7"});
  for (const char* op : {"maxout", "attention"})
    expect_parts(said_to(op, op[0] == 'm' ? "pieces" : "heads", std::int64_t{0}),
                 {"must be between 1 and"});
  EXPECT_EQ(said_to("activate", "a", 1.0, "leaky_relu"), "");
  EXPECT_EQ(said_to("dropout", "rate", 0.99), "");
}

TEST(Graph, RefusesLearnedNumbersThatDoNotFit) {
  Graph g = parse_model("4x6 : relu");
  const NodeId few = g.add_parameter(Shape{4}, {}, "few");
  const auto add = [&](const char* op, const char* row, std::vector<NodeId> inputs) {
    Attributes attributes;
    attributes.set("row", std::string(row));
    return error_of([&] { g.add(op, inputs, attributes, "f"); });
  };
  expect_parts(add("activate_learned", "prelu", {g.result, few}),
               {"activate_learned 'f'", "wants 6 numbers", "'relu1'", "'few' gives 4"});
  expect_parts(add("activate_learned", "relu", {g.result, few}), {"relu", "no number"});
  expect_parts(add("activate_random", "relu", {g.result}), {"relu", "draws no numbers"});
  expect_parts(add("activate", "rrelu", {g.result}), {"activate 'f'", "rrelu", "add_activation"});
  expect_parts(add("activate", "prelu", {g.result}), {"prelu", "learned or drawn"});
}

TEST(Graph, RandomNodesHaveStreamsOfTheirOwn) {
  const Graph g = parse_model("2 : repeat 5 (dropout | relu)");
  std::set<std::uint32_t> streams;
  for (const NodeId id : g.all("dropout")) streams.insert(g.node(id).stream);
  EXPECT_EQ(streams.size(), 5u);
}

TEST(Graph, CostOfDenseLayersIsTheirProducts) {
  const Graph g = parse_model("784 : dense 1000 | relu | dense 10 bias=no");
  const auto cost = [&](const char* label) {
    const Node& node = g.node(g.find(label));
    return node.op->cost(g, node);
  };
  EXPECT_EQ(cost("dense1").forward_flops, 2.0 * 784 * 1000 + 1000);
  EXPECT_EQ(cost("dense1").gradient_flops, 2.0 * 784 * 1000 + 1000)
      << "nobody needs a gradient in the samples";
  EXPECT_EQ(cost("dense2").forward_flops, 2.0 * 1000 * 10);
  EXPECT_EQ(cost("dense2").gradient_flops, 2 * 2.0 * 1000 * 10);
  EXPECT_EQ(cost("relu1").forward_flops, 1000);
  EXPECT_EQ(cost("dense1.weight").parameters, 784000);
  EXPECT_EQ(cost("dense1.bias").parameters, 1000);
  EXPECT_EQ(g.find("dense2.bias"), -1);
}

TEST(Graph, CostOfGatesAndMaxoutCountsWhatTheyRead) {
  const Graph g = parse_model("8 : prelu | geglu | maxout 2 | softmax");
  const auto flops = [&](const char* label) {
    const Node& node = g.node(g.find(label));
    return node.op->cost(g, node).forward_flops;
  };
  EXPECT_EQ(flops("prelu1"), 16);
  EXPECT_EQ(flops("geglu1"), 8);
  EXPECT_EQ(flops("maxout1"), 4);
  EXPECT_EQ(flops("softmax1"), 8);
}

TEST(Graph, EveryLossHasAGradientOperatorOfTheSameInputs) {
  EXPECT_GE(loss_names().size(), 4u);
  for (const std::string& loss : loss_names()) {
    Graph g = parse_model("2 : dense 3");
    const NodeId target = g.add_input({.shape = {}, .element = Element::int32}, "target");
    const NodeId value = g.add(loss, {g.result, target});
    EXPECT_EQ(g.node(value).type, (Type{.shape = {}, .per_sample = false})) << loss;
    const NodeId gradient = g.add(loss + "_gradient", {g.result, target});
    EXPECT_EQ(g.node(gradient).type, g.node(g.result).type) << loss;
  }
  for (const std::string& name : loss_names()) EXPECT_NE(name, "l1_penalty");
}

}  // namespace
}  // namespace rectify::graph
