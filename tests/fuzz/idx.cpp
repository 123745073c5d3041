// IDX files, and NORB's matrices, which are much like them.

#include "rectify/data/formats/idx.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/data/formats/matrix.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    rectify::data::parse_idx(content, "input");
  } catch (const rectify::Error&) {
  }
  try {
    rectify::data::parse_matrix(content, "input");
  } catch (const rectify::Error&) {
  }
  return 0;
}
