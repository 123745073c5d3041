// What other programs write: activations put together from arithmetic, layers in several nodes,
// axes in another order. They are known again as what they are.

#include <gtest/gtest.h>

#include "tests/onnx/models.h"
#include "tests/onnx/networks.h"

namespace rectify::onnx {
namespace {

std::string text_of(const ModelMaker& maker) {
  return graph::model_text(decode(maker.bytes(), "model").graph);
}

TEST(Subgraphs, AreGeluAsPyTorchWritesIt) {
  ModelMaker m({-1, 4});
  m.floats("root", {}, {1.4142135381698608f});
  m.floats("one", {}, {1});
  m.floats("half", {}, {0.5f});
  m.node("Div", {"x", "root"}, {"a"});
  m.node("Erf", {"a"}, {"b"});
  m.node("Add", {"b", "one"}, {"c"});
  m.node("Mul", {"x", "c"}, {"d"});
  m.node("Mul", {"d", "half"}, {"y"});
  EXPECT_EQ(text_of(m), "4 : gelu");
}

TEST(Subgraphs, AreSwishHardSwishMishAndSquaredRelu) {
  ModelMaker swish({-1, 4});
  swish.node("Sigmoid", {"x"}, {"a"});
  swish.node("Mul", {"x", "a"}, {"y"});
  EXPECT_EQ(text_of(swish), "4 : silu");

  ModelMaker quick({-1, 4});
  quick.floats("k", {1}, {1.702f});
  quick.node("Mul", {"x", "k"}, {"a"});
  quick.node("Sigmoid", {"a"}, {"b"});
  quick.node("Mul", {"b", "x"}, {"y"});
  EXPECT_EQ(text_of(quick), "4 : silu beta=1.702");

  ModelMaker hard({-1, 4});
  hard.floats("three", {}, {3});
  hard.floats("six", {}, {6});
  hard.floats("zero", {}, {0});
  hard.node("Add", {"x", "three"}, {"a"});
  hard.node("Clip", {"a", "zero", "six"}, {"b"});
  hard.node("Mul", {"x", "b"}, {"c"});
  hard.node("Div", {"c", "six"}, {"y"});
  EXPECT_EQ(text_of(hard), "4 : hard_swish");

  ModelMaker mish({-1, 4});
  mish.node("Softplus", {"x"}, {"a"});
  mish.node("Tanh", {"a"}, {"b"});
  mish.node("Mul", {"x", "b"}, {"y"});
  EXPECT_EQ(text_of(mish), "4 : mish");

  ModelMaker squared({-1, 4});
  squared.floats("two", {}, {2});
  squared.node("Relu", {"x"}, {"a"});
  squared.node("Pow", {"a", "two"}, {"y"});
  EXPECT_EQ(text_of(squared), "4 : relu_squared");
}

/// A model of two numbers that ends in Clip(x, low, high).
ModelMaker clip(float low, float high) {
  ModelMaker m({-1, 2});
  m.floats("low", {}, {low});
  m.floats("high", {}, {high});
  m.node("Clip", {"x", "low", "high"}, {"y"});
  return m;
}

/// x where `condition` is greater than `limit`, else 0.
ModelMaker kept_above(float limit, bool of_size) {
  ModelMaker m({-1, 2});
  m.floats("limit", {}, {limit});
  m.floats("zero", {}, {0});
  if (of_size) m.node("Abs", {"x"}, {"size"});
  m.node("Greater", {of_size ? "size" : "x", "limit"}, {"kept"});
  m.node("Where", {"kept", "x", "zero"}, {"y"});
  return m;
}

using Floats = std::vector<float>;

Floats answer_of(const ModelMaker& maker, const Floats& sample) {
  return answers(decode(maker.bytes(), "model"), {sample}, 1);
}

TEST(Subgraphs, AreNoRowWhereTheirLimitsLieFarOutOrCloseTogether) {
  EXPECT_EQ(answer_of(clip(0, 100), {150, -1}), (Floats{100, 0}));
  EXPECT_EQ(answer_of(clip(-50, 50), {150, -60}), (Floats{50, -50}));
  EXPECT_EQ(answer_of(clip(-65504, 65504), {1e6f, -7}), (Floats{65504, -7}));
  EXPECT_EQ(answer_of(kept_above(0.05f, true), {0.03f, -0.07f}), (Floats{0, -0.07f}));
  EXPECT_EQ(answer_of(kept_above(0.09f, false), {0.05f, 0.2f}), (Floats{0, 0.2f}));

  ModelMaker largest({-1, 2});
  largest.floats("limit", {}, {-60});
  largest.node("Max", {"x", "limit"}, {"y"});
  EXPECT_EQ(answer_of(largest, {-70, 5}), (Floats{-60, 5}));

  ModelMaker scaled({-1, 2});  // a limit of the product, which x reaches at 200
  scaled.floats("tenth", {}, {0.25f});
  scaled.floats("low", {}, {0});
  scaled.floats("high", {}, {50});
  scaled.floats("four", {}, {4});
  scaled.node("Mul", {"x", "tenth"}, {"a"});
  scaled.node("Clip", {"a", "low", "high"}, {"b"});
  scaled.node("Mul", {"b", "four"}, {"y"});
  EXPECT_EQ(answer_of(scaled, {1000, 3}), (Floats{200, 3}));

  ModelMaker line({-1, 2});
  line.floats("two", {}, {2});
  line.floats("low", {}, {-100});
  line.floats("high", {}, {100});
  line.node("Mul", {"x", "two"}, {"a"});
  line.node("Clip", {"a", "low", "high"}, {"y"});
  EXPECT_EQ(answer_of(line, {70, 3}), (Floats{100, 6}));
}

TEST(Subgraphs, AreRowsWhereNoFloatReachesTheirLimits) {
  EXPECT_EQ(text_of(clip(0, 3.4028235e38f)), "2 : relu");
  EXPECT_EQ(text_of(clip(0, 6)), "2 : relu6");
  EXPECT_EQ(text_of(clip(-1, 1)), "2 : hard_tanh");
  EXPECT_EQ(text_of(kept_above(0, false)), "2 : relu");
  EXPECT_EQ(text_of(kept_above(0.09f, false)), "2 : threshold_relu theta=0.09");

  ModelMaker softplus({-1, 2});  // overflows beyond 709 in double precision
  softplus.floats("one", {}, {1});
  softplus.node("Exp", {"x"}, {"a"});
  softplus.node("Add", {"a", "one"}, {"b"});
  softplus.node("Log", {"b"}, {"y"});
  EXPECT_EQ(text_of(softplus), "2 : softplus");
}

TEST(Subgraphs, GiveLabelsThatAModelsTextCanHave) {
  for (const char* name : {"target", "target_weight", "loss", "input", "d_h0/lin"}) {
    ModelMaker m({-1, 2});
    m.floats("w", {2, 2}, {1, 2, 3, 4});
    m.node("Gemm", {"x", "w"}, {"a"}).set_name(name);
    m.node("Exp", {"a"}, {"b"}).set_name(name);  // ... in the general way too
    m.node("Relu", {"a"}, {"c"}).set_name(name);
    for (const char* output : {"b", "c"}) {
      m.graph().mutable_output(0)->set_name(output);
      const std::string text = text_of(m);
      EXPECT_EQ(text.find(" as "), std::string::npos) << text;
      EXPECT_NO_THROW(graph::parse_model(text)) << text;
    }
  }
}

TEST(Subgraphs, StayApartWhereTheyAreNoRowTogether) {
  ModelMaker m({-1, 4});
  m.node("Relu", {"x"}, {"a"});
  m.node("Tanh", {"a"}, {"b"});
  m.node("Add", {"a", "b"}, {"y"});
  EXPECT_EQ(text_of(m), "4 : relu | residual(tanh)");
}

TEST(Subgraphs, AreDenseLayersInTwoNodes) {
  ModelMaker m({-1, 3});
  m.floats("w", {3, 2}, {1, 2, 3, 4, 5, 6});
  m.floats("b", {2}, {10, 20});
  m.node("MatMul", {"x", "w"}, {"a"});
  m.node("Add", {"b", "a"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(graph::model_text(network.graph), "3 : dense 2");
  EXPECT_EQ(answers(network, {{1, 0, 2}}, 1), (std::vector<float>{21, 34}));
}

TEST(Subgraphs, FlattenImagesInTheOrderOfChannels) {
  ModelMaker m({-1, 2, 1, 3});  // two channels of 1x3
  std::vector<float> weight(6);
  for (std::size_t i = 0; i < 6; ++i) weight[i] = static_cast<float>(i + 1);
  m.floats("w", {6, 1}, weight);
  m.node("Flatten", {"x"}, {"a"});
  m.node("Gemm", {"a", "w"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(graph::model_text(network.graph), "1x3x2 : flatten | dense 1 bias=no");
  // 1 2 3 in channel 0 and 10 20 30 in channel 1 have places x channels here.
  EXPECT_EQ(answers(network, {{1, 10, 2, 20, 3, 30}}, 1),
            (std::vector<float>{1 + 4 + 9 + 40 + 100 + 180}));
}

TEST(Subgraphs, FlattenImagesWhoseExtentsSayThatTheirChannelsAreLast) {
  ModelMaker m({-1, 5, 2, 1});
  m.floats("w", {10, 1}, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10});
  m.node("Flatten", {"x"}, {"a"});
  m.node("Gemm", {"a", "w"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(network.graph.node(network.graph.find("input")).type.shape.text(), "5x2x1");
  Floats sample(10, 0.0f);
  sample[1] = 1;
  EXPECT_EQ(answers(network, {sample}, 1), Floats{2});
}

TEST(Subgraphs, AreLayerNormAsItWasWrittenBeforeItWasAnOperator) {
  ModelMaker m({-1, 4}, 13);
  m.floats("two", {}, {2});
  m.floats("epsilon", {}, {1e-5f});
  m.floats("scale", {4}, {1, 2, 3, 4});
  m.floats("shift", {4}, {5, 6, 7, 8});
  set_integers(m.node("ReduceMean", {"x"}, {"mean"}), "axes", {-1});
  m.node("Sub", {"x", "mean"}, {"centred"});
  m.node("Pow", {"centred", "two"}, {"square"});
  set_integers(m.node("ReduceMean", {"square"}, {"variance"}), "axes", {-1});
  m.node("Add", {"variance", "epsilon"}, {"sum"});
  m.node("Sqrt", {"sum"}, {"root"});
  m.node("Div", {"centred", "root"}, {"z"});
  m.node("Mul", {"z", "scale"}, {"scaled"});
  m.node("Add", {"scaled", "shift"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(graph::model_text(network.graph), "4 : layer_norm");
  const std::vector<float> got = answers(network, {{1, 2, 3, 4}}, 1);
  const double z = 1.5 / std::sqrt(1.25 + 1e-5);
  EXPECT_NEAR(got[0], 5 - z, 1e-5);
  EXPECT_NEAR(got[3], 8 + 4 * z, 1e-5);
}

TEST(Subgraphs, FollowShapesThatAreComputed) {
  ModelMaker m({-1, 4, 1, 1});
  m.integers("zero", {0});
  m.integers("rest", {-1});
  m.node("Shape", {"x"}, {"shape"});
  m.node("Gather", {"shape", "zero"}, {"batch"});
  m.node("Concat", {"batch", "rest"}, {"list"});
  m.node("Reshape", {"x", "list"}, {"row"});
  m.node("Relu", {"row"}, {"y"});
  EXPECT_EQ(decode(m.bytes(), "model").answer.extents(), (std::vector<std::int64_t>{4}));
}

TEST(Subgraphs, AreHowInputsAreScaled) {
  ModelMaker m({-1, 2, 1, 2});
  m.floats("mean", {2, 1, 1}, {1, 2});
  m.floats("deviation", {1, 2, 1, 1}, {4, 8});
  m.node("Sub", {"x", "mean"}, {"a"});
  m.node("Div", {"a", "deviation"}, {"b"});
  m.node("GlobalAveragePool", {"b"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(graph::model_text(network.graph), "1x2x2 : global_avg_pool");
  const std::vector<data::Scaling> want = {{1, 0.25f}, {2, 0.125f}, {1, 0.25f}, {2, 0.125f}};
  EXPECT_EQ(network.normalisation.inputs, want);
}

TEST(Subgraphs, MayPadUnevenlyAsTensorFlowDoes) {
  ModelMaker m({-1, 1, 4, 4});
  m.floats("w", {1, 1, 3, 3}, std::vector<float>(9, 1.0f));
  auto& conv = m.node("Conv", {"x", "w"}, {"y"});
  set_integers(conv, "strides", {2, 2});
  set_integers(conv, "pads", {0, 0, 1, 1});
  EXPECT_EQ(text_of(m), "4x4x1 : conv 1 3x3 stride=2 bias=no");
}

TEST(Subgraphs, AreConstantsOnChannels) {
  ModelMaker m({-1, 2, 1, 1});
  m.floats("k", {2, 1, 1}, {3, 5});
  m.node("Relu", {"x"}, {"a"});
  m.node("Mul", {"a", "k"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(answers(network, {{2, 2}}, 1), (std::vector<float>{6, 10}));
}

/// Queries, keys and values from a layer each, two heads of two over three places, as PyTorch cuts
/// them; `mask` hides pairs where it is 0.
ModelMaker attention_of_layers(const std::vector<float>& mask, float scale) {
  ModelMaker m({-1, 3, 4});
  m.integers("cut", {0, 3, 2, 2});
  m.integers("rows", {0, 3, 4});
  for (const std::string part : {"q", "k", "v"}) {
    std::vector<float> weight(16);
    for (std::size_t i = 0; i < 16; ++i)
      weight[i] = static_cast<float>((i * 7 + static_cast<std::size_t>(part[0])) % 11) / 10 - 0.5f;
    m.floats(part + "w", {4, 4}, weight);
    m.node("MatMul", {"x", part + "w"}, {part + "1"});
    m.node("Reshape", {part + "1", "cut"}, {part + "2"});
    set_integers(m.node("Transpose", {part + "2"}, {part}), "perm",
                 part == "k" ? std::vector<std::int64_t>{0, 2, 3, 1}
                             : std::vector<std::int64_t>{0, 2, 1, 3});
  }
  m.floats("scale", {}, {scale});
  m.floats("low", {}, {-1e9f});
  auto& allowed = m.floats("mask", {1, 1, 3, 3}, {});
  allowed.set_data_type(::onnx::TensorProto::BOOL);
  for (const float v : mask) allowed.add_int32_data(v != 0);
  m.node("MatMul", {"q", "k"}, {"a"});
  m.node("Div", {"a", "scale"}, {"b"});
  m.node("Where", {"mask", "b", "low"}, {"c"});
  set_integer(m.node("Softmax", {"c"}, {"d"}), "axis", -1);
  m.node("MatMul", {"d", "v"}, {"e"});
  set_integers(m.node("Transpose", {"e"}, {"f"}), "perm", {0, 2, 1, 3});
  m.node("Reshape", {"f", "rows"}, {"y"});
  return m;
}

TEST(Subgraphs, AreAttentionOfThreeLayers) {
  const std::vector<float> causal = {1, 0, 0, 1, 1, 0, 1, 1, 1};
  const Network network = decode(attention_of_layers(causal, 1.41421356f).bytes(), "model");
  const std::vector<graph::NodeId> found = network.graph.all("attention");
  ASSERT_EQ(found.size(), 1u);
  const graph::Node& node = network.graph.node(found[0]);
  EXPECT_EQ(node.attributes.integer("heads"), 2);
  EXPECT_EQ(node.attributes.word("causal"), "yes");
  // The first place sees itself alone: its answer is its own values, x times their weight.
  const std::vector<float> x = drawn(12), y = answers(network, {x}, 1);
  const graph::Node& values = network.graph.input(network.graph.input(node, 0), 2);
  const std::vector<float>& w = network.numbers.at(values.inputs[1]);
  for (std::size_t c = 0; c < 4; ++c) {
    double want = 0;
    for (std::size_t i = 0; i < 4; ++i) want += static_cast<double>(x[i]) * w[i * 4 + c];
    EXPECT_NEAR(y[c], want, 1e-5);
  }
}

TEST(Subgraphs, ThatAreAlmostAttentionAreReadAsWhatTheyAre) {
  const std::vector<float> x = drawn(12), window = {1, 0, 0, 1, 1, 0, 0, 1, 1},
                           causal = {1, 0, 0, 1, 1, 0, 1, 1, 1};
  for (const ModelMaker& maker : {attention_of_layers(window, 1.41421356f),  // hides other places
                                  attention_of_layers(causal, 2)}) {         // another scale
    const Network network = decode(maker.bytes(), "model");
    EXPECT_TRUE(network.graph.all("attention").empty());
    // The first place sees itself alone: its answer is its own values, x times their weight.
    const std::vector<float> y = answers(network, {x}, 1);
    for (std::size_t c = 0; c < 4; ++c) {
      double want = 0;
      for (std::size_t i = 0; i < 4; ++i)
        want += static_cast<double>(x[i]) *
                (static_cast<float>(((i * 4 + c) * 7 + std::size_t{'v'}) % 11) / 10 - 0.5f);
      EXPECT_NEAR(y[c], want, 1e-5);
    }
  }
  ModelMaker half = attention_of_layers(std::vector<float>(9, 1), 1.41421356f);
  half.graph().mutable_output(0)->set_name("d");
  const std::vector<float> shares = answers(decode(half.bytes(), "model"), {x}, 1);
  ASSERT_EQ(shares.size(), 18u);  // two heads: how much each of three places counts for each
  // The image is channels last: the heads are the last axis.
  for (std::size_t i = 0; i < 3; ++i)
    for (std::size_t head = 0; head < 2; ++head)
      EXPECT_NEAR(shares[i * 6 + head] + shares[i * 6 + 2 + head] + shares[i * 6 + 4 + head], 1,
                  1e-6);
}

TEST(Subgraphs, TakeRowsByIdsOfAnyWidthAndCast) {
  ModelMaker m({-1, 3});
  m.floats("table", {4, 2}, {0, 1, 10, 11, 20, 21, 30, 31});
  auto& cast = m.node("Cast", {"x"}, {"ids"});
  set_integer(cast, "to", ::onnx::TensorProto::INT32);
  m.node("Gather", {"table", "ids"}, {"y"});
  const Network network = decode(m.bytes(), "model");
  EXPECT_EQ(graph::model_text(network.graph), "3 : embedding 4 2");
  EXPECT_EQ(answers(network, {{3, 0, 2}}, 1), (std::vector<float>{30, 31, 0, 1, 20, 21}));
}

}  // namespace
}  // namespace rectify::onnx
