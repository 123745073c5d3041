// What another implementation, ONNX Runtime, makes of the models that are written. It runs only
// where RECTIFY_ONNXRUNTIME names a Python that has it:
//   RECTIFY_ONNXRUNTIME=python3 build/tests/test_onnx --gtest_filter='OnnxRuntime.*'

#include "tests/onnx/onnxruntime.h"

#include <gtest/gtest.h>

#include <cstdio>

#include "rectify/activation/activation.h"
#include "rectify/graph/zoo.h"
#include "tests/onnx/networks.h"
#include "tests/temporary_folder.h"

namespace rectify::onnx {
namespace {

class OnnxRuntime : public testing::Test {
 protected:
  void SetUp() override {
    if (!OnnxRuntimePeer::found()) GTEST_SKIP() << OnnxRuntimePeer::missing;
  }

  double difference_of(const std::string& text) {
    const Network network = network_of(text);
    save(folder_ / "net.onnx", network);
    const std::vector<float> samples = samples_for(network, 2);
    const graph::Graph& graph = network.graph;
    return difference(answers(network, {samples}, 2),
                      OnnxRuntimePeer(folder_.path())
                          .answers(samples, written_view(graph, graph.find("input")),
                                   written_view(graph, graph.result)));
  }

  const TemporaryFolder folder_;
};

TEST_F(OnnxRuntime, AnswersAsWeDoForTheNetworksThatComeWithRectify) {
  for (const graph::ZooModel& model : graph::zoo()) {
    const graph::Graph graph = graph::parse_model(model.text);
    const graph::Cost cost = graph::total_cost(graph);
    if (cost.parameters > 30'000'000 || cost.forward_flops > 1e10) continue;
    const double off = difference_of(model.text);
    std::printf("%-20s %.2g\n", model.name.c_str(), off);
    EXPECT_LT(off, 1e-4) << model.name;
  }
}

TEST_F(OnnxRuntime, AnswersAsWeDoForTransposedConvolutions) {
  EXPECT_LT(difference_of("4x3x4 : conv_transpose 6 3x2 stride=2x1 groups=2 | relu | "
                          "conv_transpose 3 2x3 dilation=1x2"),
            1e-5);
}

TEST_F(OnnxRuntime, AnswersAsWeDoForEveryActivationAndNorm) {
  std::vector<std::string> items = {"glu",      "swiglu",     "maxout 4",      "layer_norm",
                                    "rms_norm", "batch_norm", "softmax",       "log_softmax",
                                    "top_k 3",  "top_k 1",    "elu learn=yes", "silu learn=yes"};
  for (const activation::Row& row : activation::family()) items.emplace_back(row.name);
  for (const std::string& item : items) {
    const double off = difference_of("5x4x2 : conv 8 3x3 | " + item);
    std::printf("%-20s %.2g\n", item.c_str(), off);
    EXPECT_LT(off, 1e-5) << item;
  }
}

TEST_F(OnnxRuntime, AnswersAsWeDoForSequences) {
  for (const char* text :
       {"9 : embedding 7 6 | positions | dense 18 | attention 2 | dense 5",
        "9 : embedding 7 6 | positions kind=sinusoidal | dense 18 | attention 3 causal=yes | dense "
        "5",
        "6x4 : residual(transpose | dense 6 | relu | transpose) | dense 3 bias=no | transpose",
        "2x3x4 : dense 12 | attention 2 causal=yes | positions | dense 2",
        "5x4x2 : transpose | dense 3 | relu", "9x4 : dense 7 | recurrent tanh | dense 2",
        "9x4 : recurrent leaky_relu a=0.3 | recurrent elu a=0.5"}) {
    const double off = difference_of(text);
    std::printf("%-20s %.2g\n", text, off);
    EXPECT_LT(off, 2e-6) << text;
  }
}

}  // namespace
}  // namespace rectify::onnx
