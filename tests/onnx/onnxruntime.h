#pragma once

// ONNX Runtime, another implementation, where RECTIFY_ONNXRUNTIME names a Python that has it.

#include <cstdlib>
#include <cstring>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/base/file.h"
#include "rectify/onnx/onnx.h"

namespace rectify::onnx {

/// Runs the models of one folder.
class OnnxRuntimePeer {
 public:
  /// Whether there is a Python that has it.
  static bool found() { return std::getenv("RECTIFY_ONNXRUNTIME") != nullptr; }
  static constexpr const char* missing = "RECTIFY_ONNXRUNTIME names no Python that has onnxruntime";

  explicit OnnxRuntimePeer(const std::filesystem::path& folder) : folder_(folder) {
    write_file(folder_ / "run.py", script);
  }

  /// What it answers to `samples`, in our order, by the file net.onnx in the folder. Empty if it
  /// refuses. The views say how a sample and an answer lie here.
  std::vector<float> answers(const std::vector<float>& samples, const View& input,
                             const View& answer) const {
    const std::vector<float> theirs = turned(samples, input, true);
    write_file(folder_ / "x",
               {reinterpret_cast<const char*>(theirs.data()), theirs.size() * sizeof(float)});
    const std::string command =
        "cd '" + folder_.string() + "' && '" + std::getenv("RECTIFY_ONNXRUNTIME") + "' run.py";
    if (std::system(command.c_str()) != 0) return {};
    const std::string bytes = read_file(folder_ / "y");
    std::vector<float> numbers(bytes.size() / sizeof(float));
    std::memcpy(numbers.data(), bytes.data(), bytes.size());
    return turned(numbers, answer, false);
  }

  /// Numbers of several samples from ONNX's order to ours, or back.
  static std::vector<float> turned(const std::vector<float>& from, const View& view, bool back) {
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

 private:
  static constexpr const char* script = R"py(
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

  std::filesystem::path folder_;
};

/// How the value of a node lies here and in the models that are written.
inline View written_view(const graph::Graph& graph, graph::NodeId id) {
  return graph.node(id).type.shape.rank() == 3 ? image_view(graph, id) : natural_view(graph, id);
}

}  // namespace rectify::onnx
