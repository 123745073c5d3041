// What runs leave in their folders as JSON and is read again: options, epochs, results.

#include <cstddef>
#include <cstdint>
#include <string>

#include "rectify/base/error.h"
#include "rectify/lab/compare.h"
#include "rectify/lab/run_result.h"
#include "rectify/train/options.h"
#include "rectify/train/trainer.h"

namespace {

template <class Read>
void attempt(const Read& read, const std::string& text) {
  try {
    read(text);
  } catch (const rectify::Error&) {
  }
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size) {
  const std::string text(reinterpret_cast<const char*>(data), size);
  attempt(rectify::train::options_from_json, text);
  attempt(rectify::train::epoch_from_json, text);
  attempt(rectify::lab::compare_options_from_json, text);
  attempt(rectify::lab::run_result_from_json, text);
  return 0;
}
