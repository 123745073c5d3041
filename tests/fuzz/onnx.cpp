// ONNX models: what is read must be a whole network that can be written and read again.

#include "rectify/onnx/onnx.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/model/file.h"
#include "rectify/model/interchange.h"
#include "rectify/model/model.h"

namespace {

using namespace rectify;

bool is_small(const onnx::Network& network) {
  std::size_t numbers = 0;
  for (const auto& [node, list] : network.numbers) numbers += list.size();
  return numbers < 100000 && network.graph.size() < 200;
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    onnx::Network network = onnx::decode(content, "input");
    if (!is_small(network)) return 0;
    const model::Model model = model::from_network(std::move(network), "input");
    onnx::decode(onnx::encode(model::to_network(model)), "output");
    model::from_file(model::to_file(model), "file");
  } catch (const Error&) {
  }
  return 0;
}
