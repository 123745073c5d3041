// The text form of networks: what is accepted must come back as the same network.

#include <cstddef>
#include <cstdint>
#include <cstdlib>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/graph/text.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  using rectify::graph::model_text, rectify::graph::parse_model;
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  std::string text;
  try {
    text = model_text(parse_model(content));
  } catch (const rectify::Error&) {
    return 0;
  }
  if (model_text(parse_model(text)) != text) std::abort();
  return 0;
}
