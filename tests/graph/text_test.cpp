#include "rectify/graph/text.h"

#include <gtest/gtest.h>

#include <ctime>

#include "rectify/activation/activation.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/activate.h"
#include "rectify/graph/initialisers.h"
#include "rectify/graph/operator.h"
#include "tests/graph/networks.h"

namespace rectify::graph {
namespace {

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
      "2 : elu learn=yes | silu 1.702 learn=yes | silu learn=no | elu a=2 learn=yes as bent",
      "2 : prelu | prelu 0.1 | prelu a=-0.5 as bent | prelu learn=yes",
      "2 : prelu learn=no | prelu 0.1 learn=no | prelu",
      "2 : rrelu | rrelu 0.1 0.2 | rrelu low=0 high=0 | nrelu | dropout",
      "8 : glu | reglu | geglu",
      "8 : swiglu gate=second | bilinear gate=first",
      "8 : gate gelu | geglu | gate identity gate=second",
      "8 : gate swish | gate row=relu as a | gate elu as geglu1",
      "8 : gate leaky_relu 0.02 | gate leaky_relu gate=second a=0.5",
      "8 : swiglu beta=2 | swiglu 3 | gate prelu 0.1",
      "2 : dense 6 | maxout 3 | dense 6 | maxout pieces=2 | maxout 1",
      "8 : softmax | log_softmax | softmax as last",
      "8 : top_k | top_k 3 | top_k 0.25 as few | top_k keep=1",
      "784 : dense 64 | prelu | dense 64 | geglu | dense 64 | maxout 2 | dense 10",
      mlp_text(Shape{28, 28, 1}, {100, 50}, "leaky_relu a=0.02 | dropout 0.5", 10),
      mlp_text(Shape{7}, {}, "relu", 3),
  };
  for (const activation::Row& row : activation::family()) {
    all.push_back(concat("5 : dense 4 | ", row.name, " | dense 3"));
    for (const std::string_view alias : row.aliases) all.push_back(concat("5 : ", alias));
    for (const activation::ParameterInfo& p : row.parameters)
      for (const double value : {p.low, p.high, p.value, (p.low + p.high) / 3}) {
        if (row.varying == activation::Varying::uniform) continue;  // the low one may not be higher
        all.push_back(concat("5 : ", row.name, " ", p.name, "=", number_text(value)));
        all.push_back(concat("6 : gate ", row.name, " ", p.name, "=", number_text(value)));
      }
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
      {"8 : gate gelu | gate silu gate=second", "8 : geglu | swiglu gate=second"},
      {"8 : gate tanh | gate elu 2 gate=second as e",
       "8 : gate tanh | gate elu gate=second a=2 as e"},
      {"8 : top_k keep=0.1 | top_k keep=2 | top_k 0.5", "8 : top_k | top_k 2 | top_k 0.5"},
      {"8 : maxout pieces=2 | prelu 0.25 learn=yes", "8 : maxout 2 | prelu"},
      {"8 : prelu learn=no 0.1 | nrelu", "8 : prelu a=0.1 learn=no | noisy_relu"},
  };
  for (const auto& [typed, printed] : pairs) EXPECT_EQ(model_text(parse_model(typed)), printed);
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

TEST(ModelText, GivesEachItemTheOperatorThatItNeeds) {
  const Graph g = parse_model(
      "4x6 : prelu 0.1 | prelu learn=no | rrelu | nrelu | relu | geglu | maxout 3 | softmax");
  const auto op = [&](const char* label) { return g.node(g.find(label)).op->name; };
  EXPECT_EQ(op("prelu1"), "activate_learned");
  EXPECT_EQ(op("prelu2"), "activate");
  EXPECT_EQ(op("rrelu1"), "activate_random");
  EXPECT_EQ(op("noisy_relu1"), "activate_random");
  EXPECT_EQ(op("relu1"), "activate");
  EXPECT_EQ(op("geglu1"), "gate");
  EXPECT_EQ(activations(g).size(), 5u);
  const Node& slope = g.node(g.find("prelu1.a"));
  EXPECT_EQ(slope.type, (Type{.shape = Shape{6}, .per_sample = false})) << "one a channel";
  EXPECT_EQ(slope.attributes.number("start"), 0.1);
  EXPECT_EQ(g.all("parameter").size(), 1u);
  EXPECT_EQ(g.node(g.find("geglu1")).type.shape, (Shape{4, 3}));
  EXPECT_EQ(g.node(g.find("maxout1")).type.shape, (Shape{4, 1}));
  EXPECT_NE(g.node(g.find("rrelu1")).stream, g.node(g.find("noisy_relu1")).stream);
}

TEST(ModelText, OfNormsComesBackWithTheirParametersAndStates) {
  const std::string text =
      "4x6 : batch_norm momentum=0.2 epsilon=0.001 | layer_norm | rms_norm affine=no | "
      "batch_norm affine=no as last";
  const Graph g = parse_model(text);
  EXPECT_EQ(model_text(g), text);
  EXPECT_EQ(model_text(parse_model("4 : layer_norm affine=yes epsilon=1e-5")), "4 : layer_norm");
  EXPECT_EQ(g.all("parameter").size(), 4u);
  EXPECT_EQ(g.all("state").size(), 4u);
  const Type one_a_channel{.shape = Shape{6}, .per_sample = false};
  for (const auto& [label, start] : {std::pair{"batch_norm1.mean", 0.0},
                                     {"batch_norm1.variance", 1.0},
                                     {"batch_norm1.scale", 1.0},
                                     {"batch_norm1.shift", 0.0},
                                     {"layer_norm1.scale", 1.0},
                                     {"layer_norm1.shift", 0.0},
                                     {"last.mean", 0.0},
                                     {"last.variance", 1.0}}) {
    const Node& node = g.node(g.find(label));
    EXPECT_EQ(node.type, one_a_channel) << label;
    EXPECT_EQ(node.attributes.number("start"), start) << label;
  }
}

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
      {"2 : batch_norm_statistics", 5, {"no such layer"}},
      {"2 : state", 5, {"no such layer"}},
      {"2 : batch_nrom", 5, {"did you mean 'batch_norm'"}},
      {"2 : layer_norm epsilon=0", 16, {"epsilon must be between", "1e-12"}},
      {"2 : batch_norm momentum=2", 16, {"momentum must be between 0 and 1"}},
      {"2 : rms_norm affine=maybe", 14, {"affine cannot be 'maybe'"}},
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
      {"2 : prelu learn=maybe", 11, {"learn", "'maybe'", "yes, no"}},
      {"2 : relu learn=no", 10, {"no 'learn'"}},
      {"2 : rrelu 0.5 0.2", 5, {"rrelu", "low is 0.5", "high is 0.2"}},
      {"65 : geglu", 6, {"gate 'geglu1'", "halves", "'input' gives 65", "make it 66"}},
      {"2 : dense 7 as d | glu gate=second", 20, {"'d' gives 7", "make it 8"}},
      {"2 : gate", 5, {"row is missing", "which activation"}},
      {"2 : gate gelo", 10, {"did you mean 'gelu'"}},
      {"2 : gate dense", 10, {"'dense'"}},
      {"2 : gate relu gate=third", 15, {"gate", "'third'", "first, second"}},
      {"2 : geglu row=relu", 11, {"no 'row'"}},
      {"2 : gate tanh 3", 15, {"no further value"}},
      {"2 : gate elu a=20", 14, {"a must be between 0 and 10"}},
      {"2 : swigul", 5, {"did you mean 'swiglu'"}},
      {"2 : maxout", 5, {"pieces is missing", "how many"}},
      {"2 : maxout 0", 12, {"pieces", "between 1 and"}},
      {"64 : maxout 3", 6, {"maxout 'maxout1'", "3 pieces", "'input' gives 64", "63 or 66"}},
      {"2 : maxout 3", 5, {"3 pieces", "gives 2", "make it 3"}},
      {"2 : softmax 1", 13, {"no further value"}},
      {"2 : activate relu", 5, {"no such layer"}},
      {"2 : activate_random", 5, {"no such layer"}},
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
      {"1099511627776 : dense 16777216", 17, {"1099511627776", "16777216", "2^36"}},
      {"16777216 : dense 4097", 12, {"4097", "2^36"}},
  };
  for (const Wrong& wrong : cases) expect_error(wrong);
}

TEST(ModelText, OfManyLayersIsReadInNoTime) {
  // The processor's time of this process, which what else runs does not change: about 0.1 s.
  const std::clock_t start = std::clock();
  const Graph graph = parse_model("2 : repeat 10000 (relu)");
  EXPECT_EQ(graph.size(), 10001);
  EXPECT_EQ(graph.node(graph.result).label, "relu10000");
  const std::string text = model_text(graph);
  EXPECT_EQ(model_text(parse_model(text)), text);
  EXPECT_LT((std::clock() - start) / CLOCKS_PER_SEC, 5);
}

TEST(TextWithActivation, PutsItInThePlaceOfEveryRelu) {
  const auto with = [](const char* text, const char* item) {
    const std::string replaced = text_with_activation(parse_model(text), item);
    EXPECT_EQ(model_text(parse_model(replaced)), replaced) << text;
    return replaced;
  };
  EXPECT_EQ(with("784 : dense 30 | relu | dense 30 | relu kink=1 | dense 10", "tanh"),
            "784 : dense 30 | tanh | dense 30 | tanh | dense 10");
  EXPECT_EQ(
      with("8 : residual(dense 8 | relu) | relu as last | relu6 | reglu", "lrelu 0.02"),
      "8 : residual(dense 8 | leaky_relu a=0.02) | leaky_relu a=0.02 as last | relu6 | reglu");
  EXPECT_EQ(with("9 : tanh | relu | dense 2", "prelu 0.1"), "9 : tanh | prelu a=0.1 | dense 2");
  EXPECT_EQ(with("9 : %1 = relu %0 ; %2 = add %1 %0 ; %3 = add %2 %1", "elu a=2"),
            "9 : %1 = elu %0 a=2 ; %2 = add %1 %0 ; %3 = add %2 %1");
  EXPECT_EQ(with("9 : relu | dense 4 | relu as b", "top_k 2"),
            "9 : top_k 2 | dense 4 | top_k 2 as b");
  EXPECT_EQ(with("9 : relu | dense 2", "relu kink=0.5"), "9 : relu kink=0.5 | dense 2");
}

TEST(TextWithActivation, SaysWhatCannotBe) {
  const Graph relu = parse_model("9 : dense 9 | relu"), none = parse_model("9 : dense 9 | relu6");
  for (const char* item : {"dense 3", "tanh | relu", "glu", "", "nosuch", "top_k 2 | top_k 1"})
    EXPECT_THROW(text_with_activation(relu, item), Error) << item;
  EXPECT_THROW(text_with_activation(none, "tanh"), Error);
}

TEST(ModelText, SurvivesAnyBytes) {
  for (const std::string base :
       {"28x28 : dense 30 bias=no | repeat 2 (relu as a | dropout 0.5)",
        "9 : repeat 2 (residual(dense 9 | relu ; dense 9) as a | gated(tanh)) | dense_block(relu)",
        "9 : %1 = dense %0 9 ; %2=add %1 %0 as a\n%3 = concat %1 %2 %1\n\n%4 = relu %3 kink=1"})
    for (std::size_t at = 0; at < base.size(); ++at)
      for (const char byte :
           {'\0', '\xff', '(', ')', '|', '=', ':', ' ', '9', '-', ';', '%', '\n'}) {
        std::string text = base;
        text[at] = byte;
        try {
          const std::string printed = model_text(parse_model(text));
          EXPECT_EQ(model_text(parse_model(printed)), printed) << text;
        } catch (const Error&) {
        }
      }
}

}  // namespace
}  // namespace rectify::graph
