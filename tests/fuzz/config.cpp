// Config files of the command line; their flags go on to the checks of every option.

#include "cli/config.h"

#include <cstddef>
#include <cstdint>
#include <sstream>

#include "rectify/base/error.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  std::istringstream in(std::string(reinterpret_cast<const char*>(data), size));
  try {
    rectify::cli::flags_of_config(in, "input", {"--epochs"});
  } catch (const rectify::Error&) {
  }
  return 0;
}
