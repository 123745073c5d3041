// text:FILE: the characters (bytes) of a file, for networks that predict the next one.

#include "rectify/base/text.h"

#include <algorithm>
#include <array>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/characters.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"

namespace rectify::data::ops {

namespace {

std::string text_path(const Request& request) {
  return std::string(
      trim(std::string_view(request.argument).substr(0, request.argument.find(','))));
}

std::vector<std::string> text_paths(const Request& request) { return {text_path(request)}; }

Dataset open_text(const Request& request, ThreadPool&) {
  const std::size_t comma = request.argument.find(',');
  const std::string path = text_path(request);
  if (path.empty()) fail(request.what(), ": name the file, as in text:FILE,context=128");
  const std::array<std::string, 4> known = {"context", "stride", "test", "vocabulary"};
  const std::array<std::string, 2> vocabularies = {"occurring", "bytes"};
  const Options options(
      request.what(), comma == std::string::npos ? "" : request.argument.substr(comma + 1), known);
  Cutting cut{.context = static_cast<std::size_t>(options.integer("context", 128, 1, 1 << 20))};
  cut.stride = static_cast<std::size_t>(
      options.integer("stride", static_cast<std::int64_t>(cut.context), 1, 1 << 20));
  const double test_share = options.number("test", 0.1, 0, 0.9);
  cut.all_bytes = options.choice("vocabulary", "occurring", vocabularies) == "bytes";

  const std::string text =
      unpacked(read_file(path, static_cast<std::size_t>(max_file_bytes)), path);
  const std::size_t least = cut.context + 1;  // one more character, for the last label
  const auto share = static_cast<std::size_t>(test_share * static_cast<double>(text.size()));
  const std::size_t test = std::max(least, share);
  if (text.size() < test + 2 * least)
    fail("'", path, "' has ", text.size(), " characters, too few for samples of ", cut.context,
         " in training, validation and test; take a smaller context");
  return dataset_of_text(text, test, cut);
}

}  // namespace

std::span<const Kind> text() {
  static constexpr std::array all = {
      Kind{"text", "text:FILE[,context=128,stride=128,test=0.1,vocabulary=occurring]", open_text,
           nullptr, nullptr, text_paths}};
  return all;
}

}  // namespace rectify::data::ops
