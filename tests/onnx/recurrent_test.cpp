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
  const std::string read = error_of([&] { load(folder / "net.onnx"); });
  EXPECT_NE(read.find("axis 0"), std::string::npos) << read;
}

}  // namespace
}  // namespace rectify::onnx
