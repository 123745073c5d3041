// Pictures.

#include "rectify/data/images/image.h"

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <utility>

#include "rectify/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    rectify::data::Image image = rectify::data::decode_image(content, "input");
    if (image.width * image.height < 1u << 16) rectify::data::fitted(std::move(image), 7, 5, 1);
  } catch (const rectify::Error&) {
  }
  return 0;
}
