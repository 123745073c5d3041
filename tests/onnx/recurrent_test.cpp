// recurrent as ONNX's RNN; onnxruntime_test.cpp holds its answers against ours.

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "rectify/onnx/onnx.h"
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

}  // namespace
}  // namespace rectify::onnx
