#include "rectify/graph/text.h"

#include <gtest/gtest.h>

#include <chrono>
#include <map>

#include "rectify/activation/activation.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/operator.h"

namespace rectify::graph {
namespace {

std::map<std::string, AttributeValue> by_name(const Attributes& attributes) {
  return {attributes.all().begin(), attributes.all().end()};
}

/// Whether two graphs are the same network.
testing::AssertionResult same(const Graph& a, const Graph& b) {
  if (a.size() != b.size() || a.result != b.result)
    return testing::AssertionFailure() << a.size() << " nodes against " << b.size();
  for (NodeId id = 0; id < a.size(); ++id) {
    const Node &x = a.node(id), &y = b.node(id);
    bool equal = x.op == y.op && x.inputs == y.inputs && x.label == y.label && x.type == y.type &&
                 x.stream == y.stream;
    if (equal && x.op->name == "activate")  // a number may be there or be left to its default
      equal = &activation_row(x) == &activation_row(y) &&
              activation_parameters(x) == activation_parameters(y);
    else if (equal)
      equal = by_name(x.attributes) == by_name(y.attributes);
    if (!equal) return testing::AssertionFailure() << where(x) << " against " << where(y);
  }
  return testing::AssertionSuccess();
}

std::vector<std::string> texts() {
  std::vector<std::string> all = {
      "784 :",
      "28x28x1 :",
      "2 : relu",
      "2 : dense 3",
      "784 : dense 1000 | relu | dense 1000 | relu | dense 10",
      "  784:dense 1000|relu|dense 10 ",
      "2 :\n  dense 3 |\n\trelu | dense 2\r\n",
      "2 : dense units=3",
      "2 : dense bias=no units=3 gain=2.5 init=orthogonal | relu",
      "2 : dense 3 bias=no init=he_uniform gain=0.1",
      "2 : dense 3 gain=0.30000000000000004",
      "2 : dense 3 gain=1e-9",
      "2 : dropout | dropout 0.25 | dropout rate=0.125",
      "2 : leaky_relu 0.02 | leaky_relu a=0.3 | leaky_relu",
      "2 : leaky_relu a=0.01",
      "2 : swish | rectifier | linear | logistic | lrelu 0.5",
      "2 : dense 3 as hidden | relu as bent | dense 2 as logits",
      "2 : relu as a | relu | relu as b | relu",
      "2 : relu as a | relu as relu2",
      "2 : relu as relu2 | relu | relu | relu as relu1x | relu",
      "2 : dense 3 as x | dense 3 as dense2 | dense 3",
      "2 : tanh as relu1 | relu | dense 3 as tanh1 | tanh",
      "2 : dropout as a | dropout 0.1 as dropout2 | dropout",
      "2 : repeat 3 (dense 4 | relu) | dense 2",
      "2 : repeat 2 (dense 4 | repeat 3 (relu | dropout 0.1)) | dense 2",
      "2 : repeat 1 (dense 4)",
      "2 : repeat 4 (relu) | tanh",
      "2 : relu kink=0.5 | relu kink=1 | relu kink=0",
      "2 : elu a=2 | silu beta=1.702",
      mlp_text(Shape{28, 28, 1}, {100, 50}, "leaky_relu a=0.02 | dropout 0.5", 10),
      mlp_text(Shape{7}, {}, "relu", 3),
  };
  for (const activation::Row& row : activation::family()) {
    all.push_back(concat("5 : dense 4 | ", row.name, " | dense 3"));
    for (const std::string_view alias : row.aliases) all.push_back(concat("5 : ", alias));
    for (const activation::ParameterInfo& p : row.parameters)
      for (const double value : {p.low, p.high, p.value, (p.low + p.high) / 3})
        all.push_back(concat("5 : ", row.name, " ", p.name, "=", number_text(value)));
  }
  for (const std::string_view init : initialiser_names)
    all.push_back(concat("5 : dense 4 init=", init));
  return all;
}

TEST(ModelText, ParsesWhatItPrints) {
  for (const std::string& text : texts()) {
    const Graph graph = parse_model(text);
    const std::string printed = model_text(graph);
    EXPECT_TRUE(same(graph, parse_model(printed))) << text << "\nwas printed as\n" << printed;
    EXPECT_EQ(model_text(parse_model(printed)), printed) << text;
  }
}

TEST(ModelText, PrintsTheShortestForm) {
  const std::vector<std::pair<std::string, std::string>> pairs = {
      {"  784:dense units=10 bias=yes|swish|dropout 0.5", "784 : dense 10 | silu | dropout"},
      {"2 : repeat 2 (dense 4 | relu)", "2 : dense 4 | relu | dense 4 | relu"},
      {"2 : leaky_relu 0.02 as dense", "2 : leaky_relu a=0.02 as dense"},
      {"2 : dense 3 as dense1 | relu as relu1", "2 : dense 3 | relu"},
      {"28x28x1 :", "28x28x1 :"},
  };
  for (const auto& [typed, printed] : pairs) EXPECT_EQ(model_text(parse_model(typed)), printed);
}

TEST(ModelText, RefusesWhatIsNotAChain) {
  Graph graph = parse_model("2 : relu");
  graph.result = graph.add("add", {graph.find("input"), graph.result});
  graph.result = graph.add("add", {graph.result, graph.find("relu1")});
  EXPECT_THROW(model_text(graph), Error);
  EXPECT_THROW(model_text(Graph{}), Error);
}

TEST(ModelText, BuildsTheNetworkThatItSays) {
  const Graph g = parse_model("784 : dense 100 | leaky_relu a=0.02 | dropout 0.3 | dense 10");
  EXPECT_EQ(g.node(g.find("input")).type.shape, Shape{784});
  EXPECT_EQ(g.node(g.find("dense1.weight")).type.shape, (Shape{784, 100}));
  EXPECT_FALSE(g.node(g.find("dense1.weight")).type.per_sample);
  EXPECT_EQ(g.node(g.find("dense1.bias")).type.shape, Shape{100});
  EXPECT_EQ(activation_parameters(g.node(g.find("leaky_relu1")))[0], 0.02);
  EXPECT_EQ(g.node(g.find("dropout1")).attributes.number("rate"), 0.3);
  EXPECT_EQ(g.node(g.result).label, "dense2");
  EXPECT_EQ(g.node(g.result).type.shape, Shape{10});
  EXPECT_EQ(parse_model("784 : dense 5 bias=no").find("dense1.bias"), -1);
}

struct Wrong {
  std::string text;
  int column;  ///< that the error points at; 0 when it is about the whole
  std::vector<std::string> parts;
};

TEST(ModelText, SaysWhatIsWrongWhere) {
  std::string deep = "2 : ", flat;
  for (int i = 0; i < 40; ++i) deep += "repeat 1 (", flat += ")";
  const std::vector<Wrong> cases = {
      {"", 0, {"':'", "784 : dense 100"}},
      {"784", 0, {"':'"}},
      {"dense 10 | relu", 0, {"':'"}},
      {" : dense 10", 0, {"positive whole number", "28x28x1"}},
      {"0 : dense 10", 0, {"'0'"}},
      {"-3 : dense 10", 0, {"'-3'"}},
      {"28x : dense 10", 0, {"shape '28x'"}},
      {"1e3 : dense 10", 0, {"'1e3'"}},
      {"99999999999999999999 : relu", 0, {"positive whole number"}},
      {"1048576x1048577 : relu", 0, {"2^40"}},
      {"2 : rellu", 5, {"did you mean 'relu'"}},
      {"2 : dense 3 | sigmiod", 15, {"did you mean 'sigmoid'"}},
      {"2 : dnse 3", 5, {"did you mean 'dense'"}},
      {"2 : repaet 2 (relu)", 5, {"did you mean 'repeat'"}},
      {"2 : banana", 5, {"known are", "relu", "dense", "dropout"}},
      {"2 : RELU", 5, {"no such layer"}},
      {"2 : input", 5, {"no such layer"}},
      {"2 : parameter", 5, {"no such layer"}},
      {"2 : add", 5, {"no such layer"}},
      {"2 : dense_bias_gradient", 5, {"no such layer"}},
      {"2 : dense", 5, {"units is missing", "how many"}},
      {"2 : dense bias=no", 5, {"units is missing"}},
      {"2 : dense 3 4", 13, {"no further value"}},
      {"2 : relu 0.1 0.2", 14, {"no further value"}},
      {"2 : tanh 3", 10, {"no further value"}},
      {"2 : dense ten", 11, {"units", "whole number", "'ten'"}},
      {"2 : dense 3.5", 11, {"whole number"}},
      {"2 : dense 0", 11, {"units", "between 1 and"}},
      {"2 : dense -1", 11, {"units", "between 1 and"}},
      {"2 : dense 16777217", 11, {"16777216"}},
      {"2 : dense 99999999999999999999", 11, {"whole number"}},
      {"2 : dense 3 bias=maybe", 13, {"bias", "'maybe'", "yes, no"}},
      {"2 : dense 3 biass=no", 13, {"no 'biass'", "did you mean 'bias'"}},
      {"2 : dense 3 init=he_norml", 13, {"did you mean 'he_normal'"}},
      {"2 : dense 3 gain=", 13, {"gain must be a number"}},
      {"2 : dense 3 gain=nan", 13, {"gain must be a number"}},
      {"2 : dense 3 gain=-1", 13, {"gain", "between 0"}},
      {"2 : dense 3 =5", 13, {"no ''"}},
      {"2 : dense 3 units=4", 13, {"units is given twice"}},
      {"2 : dense 3 bias=no bias=no", 21, {"bias is given twice"}},
      {"2 : dropout 1", 13, {"rate", "0.99"}},
      {"2 : dropout -0.1", 13, {"rate", "between 0"}},
      {"2 : leaky_relu a=2", 16, {"a must be between 0 and 1"}},
      {"2 : leaky_relu b=0.1", 16, {"no 'b'"}},
      {"2 : leaky_relu 0,1", 16, {"must be a number", "'0,1'"}},
      {"2 : dense 3 |", 14, {"item is missing"}},
      {"2 : | relu", 5, {"item is missing"}},
      {"2 : relu || relu", 11, {"item is missing"}},
      {"2 : relu )", 10, {"expected '|'"}},
      {"2 : relu ( relu", 10, {"expected '|'"}},
      {"2 : repeat", 11, {"repeat wants"}},
      {"2 : repeat (relu)", 12, {"repeat wants"}},
      {"2 : repeat 0 (relu)", 12, {"1 to 10000"}},
      {"2 : repeat 10001 (relu)", 12, {"1 to 10000"}},
      {"2 : repeat 2 relu", 14, {"( )"}},
      {"2 : repeat 2 (relu", 19, {"')'"}},
      {"2 : repeat 2 ()", 15, {"item is missing"}},
      {"2 : repeat 2 (dense 4 | )", 25, {"item is missing"}},
      {deep + "relu" + flat, 0, {"nested too deeply"}},
      {"2 : repeat 10000 (repeat 10000 (repeat 10000 (relu)))", 0, {"too many layers"}},
      {"2 : repeat 10000 (dense 2 | relu | dense 2)", 0, {"too many layers"}},
      {"2 : relu as", 12, {"label is missing"}},
      {"2 : relu as | tanh", 13, {"label is missing"}},
      {"2 : repeat 2 (relu as )", 23, {"label is missing"}},
      {"2 : relu as a b", 15, {"expected '|'"}},
      {"2 : relu as a | tanh as a", 17, {"two nodes are called 'a'"}},
      {"2 : relu as input", 13, {"program's own"}},
      {"2 : relu as target", 13, {"program's own"}},
      {"2 : relu as loss", 13, {"program's own"}},
      {"2 : relu as d_dense1", 13, {"program's own"}},
      {"2 : relu as a/b", 13, {"letters, digits"}},
      {"2 : dense 3 as a.weight | dense 3 as a", 16, {"letters, digits"}},
      {"2 : repeat 2 (relu as a)", 15, {"two nodes are called 'a'"}},
      {"28x28x1 : dense 10", 11, {"28x28x1", "784"}},
      {"1099511627776 : dense 16777216", 17, {"1099511627776", "16777216", "2^36"}},
      {"16777216 : dense 4097", 12, {"4097", "2^36"}},
  };
  for (const Wrong& wrong : cases) {
    std::string what;
    try {
      parse_model(wrong.text);
    } catch (const Error& error) {
      what = error.what();
    }
    if (wrong.column > 0) {
      EXPECT_NE(what.find(concat("column ", wrong.column, ",")), std::string::npos)
          << wrong.text << ": '" << what << "' is not about column " << wrong.column;
    }
    for (const std::string& part : wrong.parts)
      EXPECT_NE(what.find(part), std::string::npos)
          << wrong.text << ": '" << what << "' lacks \"" << part << "\"";
  }
}

TEST(ModelText, OfManyLayersIsReadInNoTime) {
  const auto start = std::chrono::steady_clock::now();
  const Graph graph = parse_model("2 : repeat 10000 (relu)");
  EXPECT_EQ(graph.size(), 10001);
  EXPECT_EQ(graph.node(graph.result).label, "relu10000");
  const std::string text = model_text(graph);
  EXPECT_EQ(model_text(parse_model(text)), text);
  EXPECT_LT(std::chrono::steady_clock::now() - start, std::chrono::seconds(5));
}

TEST(ModelText, SurvivesAnyBytes) {
  const std::string base = "28x28 : dense 30 bias=no | repeat 2 (relu as a | dropout 0.5)";
  for (std::size_t at = 0; at < base.size(); ++at)
    for (const char byte : {'\0', '\xff', '(', ')', '|', '=', ':', ' ', '9', '-'}) {
      std::string text = base;
      text[at] = byte;
      try {
        model_text(parse_model(text));
      } catch (const Error&) {
      }
    }
}

}  // namespace
}  // namespace rectify::graph
