// Gives a fuzz target every file of a folder, whole, cut short and with bits turned over: what a
// compiler without libFuzzer can do with a corpus.

#include <algorithm>
#include <cstddef>
#include <cstdint>
#include <cstdio>
#include <exception>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/base/file.h"

extern "C" int LLVMFuzzerTestOneInput(const std::uint8_t* data, std::size_t size);

namespace {

void give(const std::string& bytes) {
  // In memory of exactly this size, so that a sanitizer sees a step beyond.
  const std::vector<std::uint8_t> exact(bytes.begin(), bytes.end());
  LLVMFuzzerTestOneInput(exact.data(), exact.size());
}

int replay(const char* folder) {
  int files = 0;
  for (const auto& entry : std::filesystem::directory_iterator(folder)) {
    const std::string whole = rectify::read_file(entry.path());
    give(whole);
    const std::size_t step = std::max<std::size_t>(1, whole.size() / 64);
    for (std::size_t at = 0; at < whole.size(); at += step) {
      give(whole.substr(0, at));
      std::string turned = whole;
      turned[at] ^= static_cast<char>(1 << at % 8);
      give(turned);
    }
    ++files;
  }
  std::printf("%d files\n", files);
  return files > 0 ? 0 : 1;
}

}  // namespace

int main(int count, char** arguments) {
  try {
    if (count == 2) return replay(arguments[1]);
    std::fprintf(stderr, "usage: %s FOLDER\n", arguments[0]);
  } catch (const std::exception& error) {
    std::fprintf(stderr, "%s\n", error.what());
  }
  return 1;
}
