// What is written is valid ONNX (encode() asks the project's checker), and what is read back is the
// same network: the same text, and the same answers.

#include <gtest/gtest.h>
#include <onnx/onnx_pb.h>

#include <regex>

#include "rectify/activation/activation.h"
#include "rectify/graph/zoo.h"
#include "tests/onnx/networks.h"

namespace rectify::onnx {
namespace {

std::string squeezed(const std::string& text) {
  return graph::model_text(graph::parse_model(text));
}

/// The text after a round trip; the answers are compared on the way.
std::string there_and_back(const std::string& text, double tolerance = 2e-6) {
  const Network network = network_of(text);
  const Network back = decode(encode(network), "round trip");
  const std::vector<std::vector<float>> samples = {samples_for(network, 3)};
  EXPECT_LE(difference(answers(network, samples, 3), answers(back, samples, 3)), tolerance) << text;
  return graph::model_text(back.graph);
}

TEST(RoundTrip, KeepsPerceptrons) {
  for (const char* text :
       {"7 : dense 5 | relu | dense 3", "7 : dense 5 bias=no | tanh | dropout 0.3 | dense 3",
        "12 : dense 8 as first | batch_norm | leaky_relu a=0.2 | dense 4 as last",
        "6 : dense 8 | layer_norm | gelu | rms_norm | dense 4 | softmax",
        "6 : dense 8 | top_k 3 | dense 7 | relu | top_k 1 | dense 4",
        "6 : dense 8 | rms_norm affine=no | prelu | batch_norm affine=no | log_softmax",
        "6 : residual(dense 6 | relu) | dense_block(dense 3 | tanh) | gated(dense 9 | sigmoid)"})
    EXPECT_EQ(there_and_back(text), squeezed(text));
}

TEST(RoundTrip, KeepsImages) {
  for (const char* text :
       {"8x6x3 : conv 4 3x3 | relu | max_pool 2 | flatten | dense 5",
        "8x8x4 : conv 8 3x1 stride=2 groups=2 bias=no | batch_norm | elu | avg_pool 2 | flatten | "
        "relu | dense 5",
        "9x9x2 : conv 4 3x3 padding=2x1 dilation=2 | global_avg_pool | dense 3",
        "9x9x2 : conv 4 3x3 padding=valid | max_pool 3 stride=2 padding=same | conv 2 1x1",
        "6x6x4 : gated(global_avg_pool | dense 2 | silu | dense 4 | sigmoid) | prelu | layer_norm",
        "6x6x4 : dense_block(conv 2 3x3 | relu) | residual(conv 6 1x1) | rms_norm | softmax",
        "12 : dense 24 | reshape 2x3x4 | conv 2 2x2 | flatten | layer_norm | dense 2",
        "8x6x3 : conv 4 3x3 | top_k 2 | max_pool 2 | flatten | dense 5 | top_k 4 | dense 2",
        "4x4x1 : flatten | dense 3", "4x4x2 : relu | flatten | dense 3",
        "8x1x5 : flatten | dense 3"})
    EXPECT_EQ(there_and_back(text), squeezed(text));
}

TEST(RoundTrip, KeepsTheNumbersOfTransposedConvolutions) {
  for (const char* text :
       {"4x3x4 : conv_transpose 6 3x2 stride=2x1 groups=2 | relu | conv_transpose 3 2x3 "
        "dilation=1x2",
        "4x3x5 : conv_transpose 2 2 stride=2 | relu",
        "12 : dense 36 | relu | reshape 3x3x4 | conv_transpose 2 3 stride=3 | conv 2 1 | sigmoid"})
    there_and_back(text);
}

TEST(RoundTrip, KeepsEveryActivation) {
  for (const activation::Row& row : activation::family()) {
    const std::string text = "6 : dense 8 | " + std::string(row.name) + " | dense 4";
    // What is drawn in training is a function of the family without noise afterwards.
    const bool drawn_number =
        row.varying == activation::Varying::uniform || row.varying == activation::Varying::normal;
    const std::string back = there_and_back(text, 4e-6);
    const bool kept = !drawn_number && row.name != "identity";
    EXPECT_TRUE(!kept || back == squeezed(text)) << back;
  }
}

TEST(RoundTrip, KeepsTheNumbersOfActivations) {
  for (const char* item :
       {"leaky_relu a=0.3", "elu a=2.5", "celu a=0.7", "silu beta=1.702",
        "threshold_relu theta=0.25", "stepped_sigmoid n=7", "stepped_sigmoid n=120"}) {
    const std::string text = "6 : dense 8 | " + std::string(item) + " | dense 4";
    EXPECT_EQ(there_and_back(text, 4e-6), squeezed(text));
  }
  there_and_back("6 : dense 8 | silu beta=0.3 learn=yes | dense 4", 4e-6);  // back in parts
  there_and_back("6 : dense 8 | prelu a=-0.2 learn=no | dense 4");          // read back as learned
}

TEST(RoundTrip, KeepsGatesAndMaxout) {
  for (const char* text :
       {"6 : dense 8 | glu | dense 4 | swiglu gate=second", "6 : dense 12 | gate leaky_relu a=0.2",
        "6 : dense 8 | geglu | dense 4 | bilinear", "6 : dense 12 | maxout 3 | dense 4",
        "4x4x2 : conv 8 3x3 | reglu | conv 6 1x1 | maxout 2"}) {
    const std::string back = there_and_back(text);
    EXPECT_EQ(back, squeezed(text));
  }
}

TEST(RoundTrip, KeepsSequences) {
  for (const char* text :
       {"9 : embedding 7 6 | positions | dense 18 | attention 2 | dense 5",
        "9 : embedding 7 6 as letters | positions kind=sinusoidal | dense 18 as all | "
        "attention 3 causal=yes as look | dense 6 as out",
        "9 : embedding 7 8 | residual(layer_norm | dense 24 | attention 4 causal=yes | dense 8) | "
        "residual(rms_norm | dense 16 | swiglu | dense 8) | softmax",
        "9 : embedding 7 1 | dense 3 | attention 1 | dense 4",
        "1 : embedding 7 4 | dense 12 | attention 2 | flatten | dense 4",
        "6x4 : dense 5 bias=no | tanh | layer_norm | dense 3 | flatten | dense 2",
        "6x4 : residual(transpose | dense 6 | relu | transpose) | dense 3 | transpose",
        "8x8x3 : conv 6 2x2 stride=2 | reshape 16x6 | positions | "
        "residual(layer_norm | transpose | dense 16 | transpose) | reshape 4x4x6 | "
        "global_avg_pool"})
    EXPECT_EQ(there_and_back(text), squeezed(text));
}

TEST(RoundTrip, KeepsTheNumbersOfSequencesThatAreImages) {
  for (const char* text : {"2x3x4 : dense 12 | attention 2 causal=yes | positions | dense 2",
                           "5x4x2 : transpose | dense 3 | relu", "4x3 : positions | dense 2",
                           "6 : embedding 5 3 | transpose | flatten",
                           "2x3 : embedding 5 4 | conv 2 1x1 | flatten | dense 2"})
    there_and_back(text);
}

TEST(RoundTrip, WritesIdsAsWholeNumbersAndAMaskOnce) {
  const Network network = network_of(
      "9 : embedding 7 6 | repeat 2 (residual(dense 18 | attention 2 causal=yes)) | dense 5");
  ::onnx::ModelProto model;
  ASSERT_TRUE(model.ParseFromString(encode(network)));
  const auto& type = model.graph().input(0).type().tensor_type();
  EXPECT_EQ(type.elem_type(), ::onnx::TensorProto::INT64);
  EXPECT_EQ(type.shape().dim(0).dim_param(), "batch");
  int masks = 0;
  for (const auto& tensor : model.graph().initializer())
    masks += tensor.name().starts_with("causal_mask") ? 1 : 0;
  EXPECT_EQ(masks, 1);
}

TEST(RoundTrip, KeepsTheNetworksThatComeWithRectify) {
  for (const graph::ZooModel& model : graph::zoo()) {
    const graph::Graph graph = graph::parse_model(model.text);
    if (graph::total_cost(graph).forward_flops > 1.2e9) continue;  // slow to compute here
    // How weights are drawn is nothing that ONNX says.
    const std::string drawn_alike =
        std::regex_replace(model.text, std::regex(" (gain|init)=[0-9a-z_.]+"), "");
    // Windows that leave no rest are the same with either padding.
    const std::string padded_alike =
        std::regex_replace(drawn_alike, std::regex("(4x4 stride=4) padding=valid"), "$1");
    EXPECT_EQ(there_and_back(model.text, 5e-5), squeezed(padded_alike)) << model.name;
  }
}

TEST(RoundTrip, KeepsHowInputsAreScaled) {
  Network network = network_of("4x3x2 : conv 2 3x3 | relu | flatten | dense 3");
  network.normalisation.inputs = {{0.25f, 3.5f}};
  Network back = decode(encode(network), "one");
  EXPECT_EQ(back.normalisation, network.normalisation);
  network.normalisation.inputs.clear();
  for (int i = 0; i < 24; ++i)
    network.normalisation.inputs.push_back(
        {0.1f * static_cast<float>(i), 1.0f + static_cast<float>(i)});
  back = decode(encode(network), "each");
  ASSERT_EQ(back.normalisation.inputs.size(), 24u);
  for (std::size_t i = 0; i < 24; ++i) {
    EXPECT_FLOAT_EQ(back.normalisation.inputs[i].mean, network.normalisation.inputs[i].mean);
    EXPECT_EQ(back.normalisation.inputs[i].scale, network.normalisation.inputs[i].scale);
  }
}

/// Answers z as z / scale + mean; scaling i is for the numbers i, i + n, ... of each answer.
std::vector<float> answers_in_units(const Network& network,
                                    const std::vector<std::vector<float>>& samples,
                                    std::int64_t batch) {
  std::vector<float> all = answers(network, samples, batch);
  const std::vector<data::Scaling>& targets = network.normalisation.targets;
  const std::size_t size = all.size() / static_cast<std::size_t>(batch);
  if (!targets.empty())
    for (std::size_t i = 0; i < all.size(); ++i) {
      const data::Scaling& by = targets[i % size % targets.size()];
      all[i] = all[i] / by.scale + by.mean;
    }
  return all;
}

TEST(RoundTrip, KeepsAnswersInTheirOwnUnits) {
  for (const char* text : {"5 : dense 8", "4x3x2 : conv 2 1"}) {
    Network network = network_of(text);
    const Shape& shape = network.graph.node(network.graph.result).type.shape;
    for (const std::int64_t scalings : {std::int64_t{1}, shape.back(), shape.size()}) {
      network.normalisation.targets.clear();
      for (std::int64_t i = 0; i < scalings; ++i)
        network.normalisation.targets.push_back(
            {10.0f * static_cast<float>(i), 1.0f / static_cast<float>(i + 1)});
      const Network back = decode(encode(network), "units");
      const std::vector<std::vector<float>> samples = {samples_for(network, 3)};
      EXPECT_LE(
          difference(answers_in_units(network, samples, 3), answers_in_units(back, samples, 3)),
          2e-6)
          << text << " " << scalings;
    }
  }
}

TEST(RoundTrip, WritesTheSameBytesTwice) {
  const std::string text = "8x6x3 : conv 4 3x3 | silu | max_pool 2 | flatten | dense 5";
  EXPECT_EQ(encode(network_of(text)), encode(network_of(text)));
}

}  // namespace
}  // namespace rectify::onnx
