// The text form of networks that are no chains: blocks in a chain, and lines.

#include <gtest/gtest.h>

#include "tests/graph/networks.h"

namespace rectify::graph {
namespace {

std::vector<std::string> labels_of(const Graph& graph, const std::string& label) {
  std::vector<std::string> labels;
  for (const NodeId input : graph.node(graph.find(label)).inputs)
    labels.push_back(graph.node(input).label);
  return labels;
}

using Labels = std::vector<std::string>;

TEST(Blocks, AreWhatTheySay) {
  const Graph g = parse_model(
      "8 : residual(dense 8 | relu) | residual(dense 8 ; dense 8) | gated(sigmoid) | "
      "dense_block(dense 4 as new) as wide | dense 3");
  EXPECT_EQ(labels_of(g, "add1"), (Labels{"relu1", "input"}));
  EXPECT_EQ(labels_of(g, "dense2"), (Labels{"add1", "dense2.weight", "dense2.bias"}));
  EXPECT_EQ(labels_of(g, "dense3"), (Labels{"add1", "dense3.weight", "dense3.bias"}));
  EXPECT_EQ(labels_of(g, "add2"), (Labels{"dense3", "dense2"}));
  EXPECT_EQ(labels_of(g, "multiply1"), (Labels{"sigmoid1", "add2"}));
  EXPECT_EQ(labels_of(g, "wide"), (Labels{"multiply1", "new"}));
  EXPECT_EQ(g.node(g.find("wide")).type.shape, Shape{12});
  EXPECT_EQ(g.node(g.result).label, "dense4");
}

TEST(Blocks, ArePrintedAsBlocks) {
  const std::pair<std::string, std::string> pairs[] = {
      {"8 : residual(relu)", "8 : residual(relu)"},
      {"8:residual( dense 8|relu;identity )as y|tanh",
       "8 : residual(dense 8 | relu ; identity) as y | tanh"},
      {"8 : repeat 2 (residual(dense 8) | relu)",
       "8 : residual(dense 8) | relu | residual(dense 8) | relu"},
      {"8 : gated(dense 8 | sigmoid) | dense_block(tanh)",
       "8 : gated(dense 8 | sigmoid) | dense_block(tanh)"},
      {"8 : residual(residual(relu ; tanh) ; gated(residual(relu)))",
       "8 : residual(residual(relu ; tanh) ; gated(residual(relu)))"},
      {"8 : %1 = dense %0 8 ; %2 = add %1 %0", "8 : residual(dense 8)"},
      {"8 :\n%5 = dense %0 4\n\n%2=concat %0 %5;%9 = relu %2 as y\n",
       "8 : dense_block(dense 4) | relu as y"},
      {"8 : %1 = relu %0", "8 : relu"},
      // What blocks would append in another order, or not at all.
      {"8 : %1 = dense %0 8 ; %2 = add %0 %1", "8 : %1 = dense %0 8 ; %2 = add %0 %1"},
      {"8 : %1 = add %0 %0", "8 : %1 = add %0 %0"},
      {"8 : %1 = relu %0 ; %2 = tanh %0 ; %3 = add %1 %2",
       "8 : %1 = relu %0 ; %2 = tanh %0 ; %3 = add %1 %2"},
      {"8 : %1 = relu %0 ; %2 = tanh %1 ; %3 = concat %0 %2 %1 as y ; %4 = dense %3 2 bias=no",
       "8 : %1 = relu %0 ; %2 = tanh %1 ; %3 = concat %0 %2 %1 as y ; %4 = dense %3 2 bias=no"},
  };
  for (const auto& [typed, printed] : pairs) EXPECT_EQ(model_text(parse_model(typed)), printed);
}

TEST(Blocks, OfAnyKindAreReadAsTheyArePrinted) {
  for (std::uint64_t seed = 1; seed <= 500; ++seed) {
    Dice dice(seed);
    const std::string text = "6 : " + random_chain(dice, 3);
    const Graph graph = parse_model(text);
    const std::string printed = model_text(graph);
    EXPECT_TRUE(same(graph, parse_model(printed))) << text << "\nwas printed as\n" << printed;
    EXPECT_EQ(printed.find('%'), std::string::npos) << text << " was taken apart: " << printed;
  }
}

TEST(Lines, OfAnyNetworkAreReadAsTheyArePrinted) {
  int lines = 0, chains = 0;
  for (std::uint64_t seed = 1; seed <= 2000; ++seed) {
    const Graph graph = random_network(seed);
    const std::string printed = model_text(graph);
    ASSERT_TRUE(same(graph, parse_model(printed))) << "seed " << seed << "\n" << printed;
    ++(printed.find('%') == std::string::npos ? chains : lines);
  }
  EXPECT_GT(lines, 500);
  EXPECT_GT(chains, 100);
}

TEST(Lines, StandForWhatNestsTooDeeplyForAChain) {
  Graph graph = parse_model("8 : relu");
  std::vector<NodeId> outer = {graph.find("input")};
  for (int i = 0; i < 40; ++i) {
    outer.push_back(graph.result);
    Attributes row;
    row.set("row", std::string("relu"));
    graph.result = add_activation(graph, graph.result, row, "");
  }
  for (; !outer.empty(); outer.pop_back())
    graph.result = graph.add("add", {graph.result, outer.back()});
  const std::string text = model_text(graph);
  EXPECT_NE(text.find('%'), std::string::npos);
  EXPECT_TRUE(same(graph, parse_model(text))) << text;
}

TEST(Lines, SayWhatIsWrongWhere) {
  const std::vector<Wrong> cases = {
      {"8 : %1 = relu %7", 15, {"'%7'", "no such value yet"}},
      {"8 : %1 = add %0 %2 ; %2 = relu %0", 17, {"'%2'", "no such value yet"}},
      {"8 : %1 = relu %1", 15, {"no such value yet"}},
      {"8 : %1 = relu %0 ; %1 = tanh %1", 20, {"defined twice"}},
      {"8 : %0 = relu %0", 5, {"the network's input"}},
      {"8 : %1 = relu %0 ; %2 = tanh %0", 5, {"'%1'", "never used"}},
      {"8 : %1 = rellu %0", 10, {"did you mean 'relu'"}},
      {"8 : %1 = ad %0 %0", 10, {"did you mean 'add'"}},
      {"8 : %1 = residual %0", 10, {"add %2 %1"}},
      {"8 : %1 = repeat 3 (%0)", 10, {"not repeated"}},
      {"8 : %1 = add %0", 10, {"joins 2 values, not 1"}},
      {"8 : %1 = add %0 %0 %0", 10, {"joins 2 values, not 3"}},
      {"8 : %1 = concat %0", 10, {"joins 2 or more values, not 1"}},
      {"8 : %1 = relu", 10, {"relu wants one value", "not 0"}},
      {"8 : %1 = relu %0 %0", 10, {"relu wants one value", "not 2"}},
      {"8 : %1 = dense %0", 10, {"units is missing"}},
      {"8 : %1 = dense 3 %0", 10, {"dense wants one value"}},
      {"8 : %1 = add %0 %0 3", 20, {"expected ';'"}},
      {"8 : %1 = relu %0 | tanh", 18, {"expected ';'"}},
      {"8 : %1 relu %0", 8, {"expected '=' after %1"}},
      {"8 : %1", 7, {"'end'", "expected '='"}},
      {"8 : %1 =", 9, {"layer is missing"}},
      {"8 : %1 = %0", 10, {"layer is missing"}},
      {"8 : %1 = ; %2 = relu %0", 10, {"layer is missing"}},
      {"8 : %x = relu %0", 5, {"% and a whole number"}},
      {"8 : % = relu %0", 5, {"% and a whole number"}},
      {"8 : %-1 = relu %0", 5, {"% and a whole number"}},
      {"8 : %99999999999999999999 = relu %0", 5, {"% and a whole number"}},
      {"8 : %1 = relu %0 ; relu %1", 20, {"a line begins with"}},
      {"8 : %1 = relu %0 as ; %2 = relu %1", 21, {"label is missing"}},
      {"8 : %1 = relu %0 as a ; %2 = add %1 %0 as a", 30, {"two nodes are called 'a'"}},
      {"8 : %1 = dense %0 4 ; %2 = add %1 %0", 28, {"'dense1' gives 4", "'input' gives 8"}},
      {"8 : %1 = dense %0 4 ; %2 = multiply %1 %0", 28, {"'dense1' gives 4"}},
      {"2x8 : %1 = maxout %0 2 ; %2 = multiply %1 %0", 31, {"2x4", "2x8"}},
      {"8 :\n%1 = relu %0\n\n%2 = tan %1", 6, {"line 4, column 6"}},
      {"8 :\n%1 = relu\n%2 = tanh %1", 6, {"line 2"}},
      {"8 :\n%1 = dense %0\n5", 6, {"line 2", "units is missing"}},
      {"8 :\n%1 =\n", 5, {"line 2", "'end of line'"}},
      {"1099511627776 : %1 = concat %0 %0", 22, {"2^40"}},
  };
  for (const Wrong& wrong : cases) expect_error(wrong);
}

TEST(Blocks, SayWhatIsWrongWhere) {
  std::string deep = "8 : ", flat;
  for (int i = 0; i < 40; ++i) deep += "residual (", flat += ")";
  const std::vector<Wrong> cases = {
      {"8 : residual", 13, {"residual wants its items in ( )"}},
      {"8 : residual relu", 14, {"( )"}},
      {"8 : residual()", 14, {"item is missing"}},
      {"8 : residual(relu", 18, {"')' of residual"}},
      {"8 : residual(relu ;)", 20, {"item is missing"}},
      {"8 : residual(; relu)", 14, {"item is missing"}},
      {"8 : residual(relu ; tanh ; relu)", 26, {"')' of residual"}},
      {"8 : gated(relu ; tanh)", 16, {"one branch", "residual"}},
      {"8 : dense_block(relu ; tanh)", 22, {"one branch"}},
      {"8 : residaul(relu)", 5, {"did you mean 'residual'"}},
      {"8 : gate(relu)", 5, {"row is missing"}},
      {"8 : relu ; relu", 10, {"expected '|'"}},
      {"8 : repeat 2 (relu ; relu)", 20, {"')' of repeat"}},
      {"8 : residual(dense 4)", 5, {"not 4 to 8", "residual(items ; items)"}},
      {"8 : tanh | residual(dense 4 ; dense 5)", 12, {"not 5 to 4"}},
      {"8 : gated(dense 4)", 5, {"'dense1' gives 4", "'input' gives 8"}},
      {"8 : residual(relu) as", 22, {"label is missing"}},
      {"8 : residual(relu) as input", 23, {"program's own"}},
      {"8 : residual(relu) 3", 20, {"expected '|'"}},
      {"8 : residual(%0)", 14, {"no such layer"}},
      {"8 : relu | %1 = relu %0", 12, {"no such layer"}},
      {"8 :\nrelu |\n resedual(tanh)", 2, {"line 3", "did you mean 'residual'"}},
      {deep + "relu" + flat, 0, {"residual is nested too deeply"}},
      {"8 : repeat 10000 (residual(relu | relu))", 0, {"too many layers"}},
      {"8 : repeat 100 (dense_block(identity))", 0, {"2^40"}},
  };
  for (const Wrong& wrong : cases) expect_error(wrong);
}

TEST(ModelText, RefusesWhatItCouldNotRead) {
  EXPECT_THROW(model_text(Graph{}), Error);
  Graph unused = parse_model("2 : relu");
  unused.result = unused.add("add", {unused.find("input"), unused.find("input")});
  EXPECT_THROW(model_text(unused), Error) << "relu1 is never used";
  Graph shared = parse_model("2 : dense 2");
  shared.result = shared.add("dense", {shared.result, shared.find("dense1.weight")},
                             shared.node(shared.result).attributes);
  EXPECT_THROW(model_text(shared), Error) << "two layers have the same weight";
  Graph backward = parse_model("2 : relu");
  backward.result = backward.add("softmax_gradient", {backward.result, backward.result});
  EXPECT_THROW(model_text(backward), Error) << "no text names a gradient";
}

}  // namespace
}  // namespace rectify::graph
