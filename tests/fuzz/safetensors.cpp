// Model files: tensors with their header, then what a model must be beyond that.

#include "rectify/model/safetensors.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/model/file.h"
#include "rectify/model/model.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    rectify::model::from_file(rectify::model::decode(content, "input"), "input");
  } catch (const rectify::Error&) {
  }
  return 0;
}
