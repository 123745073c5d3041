// recurrent as ONNX's RNN; onnxruntime_test.cpp holds its answers against ours.

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "rectify/onnx/onnx.h"
#include "tests/onnx/models.h"
#include "tests/onnx/networks.h"
#include "tests/temporary_folder.h"

namespace rectify::onnx {
namespace {

std::string error_of(const auto& call) {
  try {
    call();
  } catch (const Error& error) {
    return error.what();
  }
  return "";
}

TEST(Recurrent, IsWrittenWhereRnnHasItsFunction) {
  const TemporaryFolder folder;
  const auto written = [&](const std::string& text) {
    return error_of([&] { save(folder / "net.onnx", network_of(text)); });
  };
  for (const char* row : {"relu", "tanh", "sigmoid", "softsign", "softplus", "leaky_relu a=0.2",
                          "elu", "thresholded_relu"})
    EXPECT_EQ(written(std::string("5x4 : dense 3 | recurrent ") + row), "");
  EXPECT_NE(written("5x4 : recurrent gelu").find("its RNN has no gelu"), std::string::npos);
  EXPECT_NE(written("2x5x4 : recurrent tanh").find("not 2x5x4"), std::string::npos);
}

TEST(Recurrent, IsReadBackWithTheSameAnswers) {
  for (const char* text : {"5x4 : dense 3 | recurrent relu | dense 2",
                           "5x4 : recurrent leaky_relu a=0.3 | recurrent elu a=0.5",
                           "1x4 : recurrent tanh | flatten"}) {
    const Network network = network_of(text), back = decode(encode(network), "recurrent");
    const std::vector<std::vector<float>> samples = {samples_for(network, 3)};
    EXPECT_LT(difference(answers(network, samples, 3), answers(back, samples, 3)), 2e-6) << text;
    EXPECT_NE(graph::model_text(back.graph).find("recurrent"), std::string::npos) << text;
  }
}

/// An RNN of one unit over two places, without its past, which answers place by place with all its
/// directions.
ModelMaker rnn(const std::vector<std::string>& functions, const std::vector<float>& alphas) {
  const auto directions = static_cast<std::int64_t>(functions.size());
  ModelMaker m({-1, 2, 1});
  m.floats("w", {directions, 1, 1}, std::vector<float>(functions.size(), 1));
  m.floats("r", {directions, 1, 1}, std::vector<float>(functions.size(), 0));
  m.integers("row", {0, 2 * directions});
  set_integers(m.node("Transpose", {"x"}, {"places"}), "perm", {1, 0, 2});
  auto& node = m.node("RNN", {"places", "w", "r"}, {"all"});
  set_integer(node, "hidden_size", 1);
  const auto add = [&](const char* name, ::onnx::AttributeProto::AttributeType type) {
    auto& attribute = *node.add_attribute();
    attribute.set_name(name);
    attribute.set_type(type);
    return &attribute;
  };
  if (directions == 2) add("direction", ::onnx::AttributeProto::STRING)->set_s("bidirectional");
  auto* const names = add("activations", ::onnx::AttributeProto::STRINGS);
  for (const std::string& function : functions) names->add_strings(function);
  auto* const numbers = add("activation_alpha", ::onnx::AttributeProto::FLOATS);
  for (const float alpha : alphas) numbers->add_floats(alpha);
  set_integers(m.node("Transpose", {"all"}, {"turned"}), "perm", {2, 0, 1, 3});
  m.node("Reshape", {"turned", "row"}, {"y"});
  return m;
}

TEST(Recurrent, GivesTheNumbersInOrderToTheFunctionsThatHaveOne) {
  const std::vector<float> y =
      answers(decode(rnn({"Tanh", "LeakyRelu"}, {0.5f}).bytes(), "rnn"), {{-1, 2}}, 1);
  ASSERT_EQ(y.size(), 4u);
  EXPECT_NEAR(y[0], std::tanh(-1), 1e-6);
  EXPECT_NEAR(y[1], -0.5, 1e-6);
  EXPECT_NEAR(y[2], std::tanh(2), 1e-6);
  EXPECT_NEAR(y[3], 2, 1e-6);
}

TEST(Recurrent, ReadsHardSigmoidOfASixthAlone) {
  const std::vector<float> y =
      answers(decode(rnn({"HardSigmoid"}, {1.0f / 6}).bytes(), "rnn"), {{-1.5f, 2}}, 1);
  ASSERT_EQ(y.size(), 2u);
  EXPECT_NEAR(y[0], 0.25, 1e-6);
  EXPECT_NEAR(y[1], 2.0 / 6 + 0.5, 1e-6);
  const std::string refused = error_of([] { decode(rnn({"HardSigmoid"}, {}).bytes(), "rnn"); });
  EXPECT_NE(refused.find("has HardSigmoid with 0.2 x + 0.5"), std::string::npos) << refused;
}

}  // namespace
}  // namespace rectify::onnx
