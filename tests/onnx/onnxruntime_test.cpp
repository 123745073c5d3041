// What another implementation, ONNX Runtime, makes of the models that are written. It runs only
// where RECTIFY_ONNXRUNTIME names a Python that has it:
//   RECTIFY_ONNXRUNTIME=python3 build/tests/test_onnx --gtest_filter='OnnxRuntime.*'

#include <gtest/gtest.h>

#include <cstdio>
#include <cstdlib>
#include <cstring>
#include <filesystem>

#include "rectify/activation/activation.h"
#include "rectify/base/file.h"
#include "rectify/graph/zoo.h"
#include "tests/onnx/networks.h"
#include "tests/temporary_folder.h"

namespace rectify::onnx {
namespace {

namespace fs = std::filesystem;

constexpr const char* script = R"py(
import sys, numpy, onnxruntime
options = onnxruntime.SessionOptions()
options.intra_op_num_threads = 1
session = onnxruntime.InferenceSession("net.onnx", options, providers=["CPUExecutionProvider"])
x = session.get_inputs()[0]
shape = [-1] + x.shape[1:]
samples = numpy.fromfile("x", "f4").reshape(shape)
if x.type == "tensor(int64)":
    samples = samples.astype("i8")
y = session.run(None, {x.name: samples})[0]
y.astype("f4").tofile("y")
)py";

std::string bytes_of(const std::vector<float>& numbers) {
  return {reinterpret_cast<const char*>(numbers.data()), numbers.size() * sizeof(float)};
}

/// Numbers of `batch` samples from ONNX's order to ours, or back.
std::vector<float> turned(const std::vector<float>& from, const View& view, bool back) {
  const std::vector<std::int64_t> order = order_of(view);
  std::vector<float> to(from.size());
  for (std::size_t i = 0; i < from.size(); ++i) {
    const std::size_t at =
        i / order.size() * order.size() + static_cast<std::size_t>(order[i % order.size()]);
    if (back)
      to[i] = from[at];
    else
      to[at] = from[i];
  }
  return to;
}

class OnnxRuntime : public testing::Test {
 protected:
  void SetUp() override {
    const char* python = std::getenv("RECTIFY_ONNXRUNTIME");
    if (!python) GTEST_SKIP() << "RECTIFY_ONNXRUNTIME names no Python that has onnxruntime";
    write_file(folder_ / "run.py", script);
    command_ = "cd '" + folder_.string() + "' && '" + python + "' run.py";
  }

  double difference_of(const std::string& text) {
    const Network network = network_of(text);
    save(folder_ / "net.onnx", network);
    const graph::NodeId input = network.graph.find("input"), result = network.graph.result;
    const auto view = [&](graph::NodeId id) {
      return network.graph.node(id).type.shape.rank() == 3 ? image_view(network.graph, id)
                                                           : natural_view(network.graph, id);
    };
    const std::vector<float> samples = samples_for(network, 2);
    write_file(folder_ / "x", bytes_of(turned(samples, view(input), true)));
    if (std::system(command_.c_str()) != 0) return 1e30;
    const std::string bytes = read_file(folder_ / "y");
    std::vector<float> theirs(bytes.size() / sizeof(float));
    std::memcpy(theirs.data(), bytes.data(), bytes.size());
    return difference(answers(network, {samples}, 2), turned(theirs, view(result), false));
  }

  const TemporaryFolder folder_;
  std::string command_;
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

TEST_F(OnnxRuntime, AnswersAsWeDoForEveryActivationAndNorm) {
  std::vector<std::string> items = {"glu",           "swiglu",        "maxout 4", "layer_norm",
                                    "rms_norm",      "batch_norm",    "softmax",  "log_softmax",
                                    "elu learn=yes", "silu learn=yes"};
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
