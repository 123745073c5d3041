// NumPy's arrays, alone and in archives.

#include "rectify/data/formats/npy.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/data/formats/zip.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  try {
    const rectify::data::Array array = rectify::data::parse_npy(content, "input");
    if (rectify::data::all_whole(array)) rectify::data::integers_of(array);
    rectify::data::floats_of(array);
  } catch (const rectify::Error&) {
  }
  try {
    for (const rectify::data::ZipEntry& entry : rectify::data::zip_entries(content, "input"))
      rectify::data::unzip(content, entry, "input");
  } catch (const rectify::Error&) {
  }
  return 0;
}
