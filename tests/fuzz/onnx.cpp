// ONNX models: what is read must be a whole network that answers, and that can be written and read
// again.

#include "rectify/onnx/onnx.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
#include "rectify/model/model.h"
#include "rectify/model/predictor.h"
#include "rectify/pass/differentiate.h"

namespace {

using namespace rectify;

bool is_small(const onnx::Network& network) {
  std::size_t numbers = 0;
  for (const auto& [node, list] : network.numbers) numbers += list.size();
  std::int64_t values = 0;
  for (const graph::Node& node : network.graph.nodes()) values += node.type.shape.size();
  return numbers < 100000 && network.graph.size() < 200 && values < 1000000;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    onnx::Network network = onnx::decode(content, "input", {}, {.join_inputs = true});
    if (!is_small(network)) return 0;
    const model::Model model = model::from_network(std::move(network), "input");
    const model::Predictor predictor(model::from_file(model::to_file(model), "file"));
    if (predictor.inputs() < 100000 && predictor.outputs() < 100000) {
      std::vector<float> answer(predictor.outputs());
      predictor.run(std::vector<float>(predictor.inputs(), 0.5f), answer);
    }
    if (!pass::without_gradient(model.graph))
      onnx::decode(onnx::encode(model::to_network(model)), "output");
  } catch (const Error&) {
  }
  return 0;
}
