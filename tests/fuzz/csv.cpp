// Tables; the first byte chooses the column of the labels.

#include "rectify/data/formats/csv.h"

#include <cstddef>
#include <cstdint>
#include <string_view>

#include "rectify/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string_view content(reinterpret_cast<const char*>(data), size);
  if (size == 0) return 0;
  for (const char* label : {"label", data[0] % 2 ? "1" : "0"}) try {
      rectify::data::parse_csv(content.substr(1), label, "input");
    } catch (const rectify::Error&) {
    }
  return 0;
}
