// Models that are read in the general way: what they answer, by hand.

#include <gtest/gtest.h>

#include "tests/onnx/models.h"
#include "tests/onnx/networks.h"

namespace rectify::onnx {
namespace {

using Floats = std::vector<float>;

/// What a model answers to one sample, which is in our order.
Floats answer(const ModelMaker& maker, const Floats& sample, const ReadOptions& options = {}) {
  const Network network = decode(maker.bytes(), "model", {}, options);
  return answers(network, {sample}, 1);
}

std::string refusal_of(const ModelMaker& maker, const ReadOptions& options = {}) {
  try {
    decode(maker.bytes(), "net.onnx", {}, options);
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

void expect_near(const Floats& got, const Floats& want) {
  ASSERT_EQ(got.size(), want.size());
  for (std::size_t i = 0; i < want.size(); ++i) EXPECT_NEAR(got[i], want[i], 1e-5) << i;
}

TEST(General, ComputesFunctionsThatAreNoActivation) {
  ModelMaker exponential({-1, 3});
  exponential.node("Exp", {"x"}, {"y"});
  expect_near(answer(exponential, {0, 1, -1}), {1, 2.7182818f, 0.3678794f});

  ModelMaker clip({-1, 3});
  clip.floats("low", {}, {-0.5f});
  clip.floats("high", {}, {2});
  clip.node("Clip", {"x", "low", "high"}, {"y"});
  expect_near(answer(clip, {-3, 1, 3}), {-0.5f, 1, 2});

  ModelMaker shrink({-1, 4});  // hardshrink by 0.3, as PyTorch writes softshrink
  shrink.node("Shrink", {"x"}, {"y"}).add_attribute()->set_name("lambd");
  auto& lambd = *shrink.graph().mutable_node(0)->mutable_attribute(0);
  lambd.set_type(::onnx::AttributeProto::FLOAT);
  lambd.set_f(0.3f);
  expect_near(answer(shrink, {-1, -0.2f, 0.2f, 1}), {-1, 0, 0, 1});
}

TEST(General, CutsAndJoins) {
  ModelMaker maker({-1, 5});
  maker.integers("from", {-1});
  maker.integers("to", {-100});
  maker.integers("axis", {1});
  maker.integers("back", {-2});
  maker.node("Slice", {"x", "from", "to", "axis", "back"}, {"odd"});
  set_integer(maker.node("Concat", {"odd", "x"}, {"y"}), "axis", 1);
  expect_near(answer(maker, {1, 2, 3, 4, 5}), {5, 3, 1, 1, 2, 3, 4, 5});
}

TEST(General, ReadsImagesInEitherOrder) {
  // Channels last, as TensorFlow has them; summed over height and width.
  ModelMaker maker({-1, 2, 2, 3});
  set_integers(maker.node("Transpose", {"x"}, {"t"}), "perm", {0, 3, 1, 2});
  auto& sum = maker.node("ReduceMax", {"t"}, {"y"});
  set_integers(sum, "axes", {2, 3});
  set_integer(sum, "keepdims", 0);
  expect_near(answer(maker, {1, 20, 3, 4, 5, 60, 7, 8, 9, 1, 1, 1}), {7, 20, 60});

  ModelMaker first({-1, 3, 1, 2});  // channels first: our samples are channels last
  auto& top = first.node("ReduceMax", {"x"}, {"y"});
  set_integers(top, "axes", {2, 3});
  set_integer(top, "keepdims", 0);
  expect_near(answer(first, {1, 20, 3, 4, 5, 60}), {4, 20, 60});
}

TEST(General, PadsAndResizesImages) {
  ModelMaker maker({-1, 1, 1, 2});
  maker.integers("pads", {0, 0, 0, 1, 0, 0, 0, 1});
  maker.node("Pad", {"x", "pads"}, {"p"});
  maker.floats("scales", {4}, {1, 1, 1, 2});
  auto& resize = maker.node("Resize", {"p", "", "scales"}, {"y"});
  auto& mode = *resize.add_attribute();
  mode.set_name("mode");
  mode.set_type(::onnx::AttributeProto::STRING);
  mode.set_s("linear");
  // 0 4 8 0 at -0.25, 0.25, 0.75, ...
  expect_near(answer(maker, {4, 8}), {0, 1, 3, 5, 7, 6, 2, 0});
}

TEST(General, ReadsConvolutionsOfRowsAndTheirTransposes) {
  ModelMaker rows({-1, 1, 4});
  rows.floats("w", {1, 1, 2}, {1, 10});
  rows.node("Conv", {"x", "w"}, {"y"});
  expect_near(answer(rows, {1, 2, 3, 4}), {21, 32, 43});

  ModelMaker up({-1, 1, 1, 2});
  up.floats("w", {1, 1, 1, 2}, {1, 10});
  up.floats("b", {1}, {0.5f});
  set_integers(up.node("ConvTranspose", {"x", "w", "b"}, {"y"}), "strides", {1, 2});
  expect_near(answer(up, {1, 2}), {1.5f, 10.5f, 2.5f, 20.5f});
}

TEST(General, CountsPaddingInAveragesAsAsked) {
  for (const bool counts : {false, true}) {
    ModelMaker maker({-1, 1, 1, 2});
    auto& pool = maker.node("AveragePool", {"x"}, {"y"});
    set_integers(pool, "kernel_shape", {1, 2});
    set_integers(pool, "pads", {0, 1, 0, 1});
    set_integer(pool, "count_include_pad", counts ? 1 : 0);
    expect_near(answer(maker, {4, 8}), counts ? Floats{2, 6, 4} : Floats{4, 6, 8});
  }
}

TEST(General, CountsPaddingThatAutoPadMakes) {
  ModelMaker maker({-1, 1, 2, 2});
  auto& pool = maker.node("AveragePool", {"x"}, {"y"});
  set_integers(pool, "kernel_shape", {3, 3});
  set_integer(pool, "count_include_pad", 1);
  auto& how = *pool.add_attribute();
  how.set_name("auto_pad");
  how.set_type(::onnx::AttributeProto::STRING);
  how.set_s("SAME_UPPER");
  expect_near(answer(maker, {1, 2, 3, 4}), Floats(4, 10.0f / 9));
}

TEST(General, TakesTheLeastOfTheParts) {
  ModelMaker maker({-1, 4});
  set_integer(maker.node("Split", {"x"}, {"a", "b"}), "axis", 1);
  maker.node("Min", {"a", "b"}, {"y"});
  expect_near(answer(maker, {1, 5, 3, 2}), {1, 2});
}

TEST(General, TakesIndicesBeyondTheDepthForNoClass) {
  ModelMaker maker({-1, 4});
  set_integer(maker.node("Cast", {"x"}, {"ids"}), "to", ::onnx::TensorProto::INT64);
  maker.integers("depth", {3});
  maker.floats("values", {2}, {0, 1});
  maker.node("OneHot", {"ids", "depth", "values"}, {"y"});
  expect_near(answer(maker, {0, -1, 3, -4}), {1, 0, 0, 0, 0, 1, 0, 0, 0, 0, 0, 0});
}

/// An If whose branches multiply by the constant "c".
void add_if(ModelMaker& maker, const std::string& input, const std::string& output, float factor) {
  auto& node = maker.node("If", {"always"}, {output});
  for (const char* name : {"then_branch", "else_branch"}) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::GRAPH);
    auto& branch = *attribute.mutable_g();
    auto& c = *branch.add_initializer();
    c.set_name("c");
    c.set_data_type(::onnx::TensorProto::FLOAT);
    c.add_dims(1);
    c.add_float_data(factor);
    auto& product = *branch.add_node();
    product.set_op_type("Mul");
    product.add_input(input);
    product.add_input("c");
    product.add_output(output + "_inner");
    branch.add_output()->set_name(output + "_inner");
  }
}

TEST(General, KeepsTheConstantsOfBranchesApart) {
  ModelMaker maker({-1, 2});
  auto& always = *maker.graph().add_initializer();
  always.set_name("always");
  always.set_data_type(::onnx::TensorProto::BOOL);
  always.add_dims(1);
  always.add_int32_data(1);
  add_if(maker, "x", "a", 2);
  add_if(maker, "a", "y", 10);
  expect_near(answer(maker, {1, 3}), {20, 60});
}

TEST(General, NormalisesGroupsAndInstances) {
  ModelMaker maker({-1, 2, 1, 2});
  maker.floats("scale", {2}, {1, 2});
  maker.floats("shift", {2}, {0, 5});
  maker.node("InstanceNormalization", {"x", "scale", "shift"}, {"y"});
  // Channels 1, 3 and 10, 30 are -1 and 1 each.
  const Floats y = answer(maker, {1, 10, 3, 30});
  ASSERT_EQ(y.size(), 4u);
  EXPECT_NEAR(y[0], -1, 1e-4);
  EXPECT_NEAR(y[1], 3, 1e-4);
  EXPECT_NEAR(y[2], 1, 1e-4);
  EXPECT_NEAR(y[3], 7, 1e-4);
}

TEST(General, ComputesWithShapesAtOnce) {
  // Flattens by Shape, Gather, Mul, Unsqueeze and Concat of whole numbers.
  ModelMaker maker({-1, 2, 3});
  maker.node("Shape", {"x"}, {"shape"});
  maker.integers("one", {1});
  maker.integers("two", {2});
  maker.integers("rest", {-1});
  maker.node("Gather", {"shape", "one"}, {"a"});
  maker.node("Gather", {"shape", "two"}, {"b"});
  maker.node("Mul", {"a", "b"}, {"size"});
  set_integer(maker.node("Concat", {"rest", "size"}, {"to"}), "axis", 0);
  maker.node("Reshape", {"x", "to"}, {"flat"});
  maker.node("Exp", {"flat"}, {"e"});
  maker.node("Log", {"e"}, {"y"});
  expect_near(answer(maker, {1, 2, 3, 4, 5, 6}), {1, 2, 3, 4, 5, 6});
}

TEST(General, TakesTheOutputThatIsAsked) {
  ModelMaker maker({-1, 3});
  maker.node("Exp", {"x"}, {"y"});
  auto& arg = maker.node("ArgMax", {"x"}, {"best"});
  set_integer(arg, "axis", 1);
  set_integer(arg, "keepdims", 0);
  maker.graph().add_output()->set_name("best");
  EXPECT_EQ(answer(maker, {1, 5, 2}, {.output = "best"}), Floats{1});
  expect_near(answer(maker, {0, 0, 0}, {.output = "y"}), {1, 1, 1});
  expect_near(answer(maker, {0, 0, 0}), {1, 1, 1});
  EXPECT_NE(refusal_of(maker, {.output = "bets"}).find("did you mean 'best'"), std::string::npos)
      << refusal_of(maker, {.output = "bets"});
}

TEST(General, TakesOpenExtentsFromTheOptionsOrTheData) {
  ModelMaker maker({-1, -1, 2});
  maker.node("Exp", {"x"}, {"e"});
  auto& sum = maker.node("ReduceMax", {"e"}, {"y"});
  set_integers(sum, "axes", {1});
  set_integer(sum, "keepdims", 0);
  EXPECT_NE(refusal_of(maker).find("axis 1 whose extent is not fixed; fix it with --shape"),
            std::string::npos)
      << refusal_of(maker);
  const Floats sample = {0, 1, 1, 0, 0, 0}, want = {2.7182818f, 2.7182818f};
  expect_near(answer(maker, sample, {.shape = "3x2"}), want);
  expect_near(answer(maker, sample, {.shape = "1x3x2"}), want);
  expect_near(answer(maker, sample, {.shape = "x=3x2"}), want);
  expect_near(answer(maker, sample, {.sample = Shape{3, 2}}), want);
  EXPECT_NE(refusal_of(maker, {.shape = "3x5"}).find("is ?x?x2, so it cannot be 3x5"),
            std::string::npos);
  EXPECT_NE(refusal_of(maker, {.shape = "z=3x2"}).find("no input 'z'"), std::string::npos);
}

TEST(General, TakesSeveralInputsOneAfterTheOther) {
  ModelMaker maker({-1, 2});
  auto& second = *maker.graph().add_input();
  second = maker.graph().input(0);
  second.set_name("z");
  maker.node("Pow", {"x", "z"}, {"y"});
  expect_near(answer(maker, {2, 3, 3, 2}, {.join_inputs = true}), {8, 9});
}

TEST(General, ReadsTheTablesOfScikitLearn) {
  ModelMaker maker({-1, 2});
  maker.model.add_opset_import()->set_domain("ai.onnx.ml");
  maker.model.mutable_opset_import(1)->set_version(3);
  const auto floats = [](::onnx::NodeProto& node, const char* name, const Floats& values) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(::onnx::AttributeProto::FLOATS);
    for (const float value : values) attribute.add_floats(value);
  };
  auto& scaler = maker.node("Scaler", {"x"}, {"s"});
  scaler.set_domain("ai.onnx.ml");
  floats(scaler, "offset", {1, 2});
  floats(scaler, "scale", {2, 10});
  auto& linear = maker.node("LinearRegressor", {"s"}, {"y"});
  linear.set_domain("ai.onnx.ml");
  floats(linear, "coefficients", {1, 1});
  floats(linear, "intercepts", {0.5f});
  expect_near(answer(maker, {2, 3}), {2 + 10 + 0.5f});
}

TEST(General, NamesWhatItCannotRead) {
  ModelMaker maker({-1, 3});
  maker.node("Exp", {"x"}, {"e"});
  maker.node("StringNormalizer", {"e"}, {"y"}).set_name("words");
  const std::string error = refusal_of(maker);
  EXPECT_NE(error.find("'net.onnx': node 1 (StringNormalizer 'words') is an operator that is not "
                       "read; export the model without it"),
            std::string::npos)
      << error;

  ModelMaker large({-1, 3});  // a small file asks for many numbers
  large.integers("shape", {1 << 20, 1 << 15});
  large.node("ConstantOfShape", {"shape"}, {"c"});
  large.node("ReduceSum", {"c"}, {"s"});
  large.node("Add", {"x", "s"}, {"y"});
  EXPECT_NE(refusal_of(large).find("(ConstantOfShape) makes 34359738368 numbers"),
            std::string::npos)
      << refusal_of(large);
}

}  // namespace
}  // namespace rectify::onnx
