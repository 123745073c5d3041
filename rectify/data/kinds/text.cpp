// text:FILE: the characters (bytes) of a file, for networks that predict the next one.

#include "rectify/base/text.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/data/formats/characters.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"

namespace rectify::data::ops {

namespace {

/// How a text is cut into samples.
struct Cutting {
  std::size_t context, stride;
  double test;  ///< the test split's share of the text
};

/// The bytes that are classes: those that occur in the text, or all 256.
std::vector<std::uint8_t> vocabulary(std::string_view text, bool all) {
  std::array<bool, 256> occurs{};
  for (const char c : text) occurs[static_cast<std::uint8_t>(c)] = true;
  std::vector<std::uint8_t> bytes;
  for (std::size_t b = 0; b < occurs.size(); ++b)
    if (all || occurs[b]) bytes.push_back(static_cast<std::uint8_t>(b));
  return bytes;
}

/// Cuts a text into samples that begin every `stride` characters. A sample has `context`
/// characters; the label of each is the next character.
Split samples_of(std::span<const std::uint8_t> ids, const Cutting& cut) {
  Split split;
  for (std::size_t at = 0; at + cut.context < ids.size(); at += cut.stride) {
    const auto sample = ids.subspan(at, cut.context), next = ids.subspan(at + 1, cut.context);
    split.bytes.insert(split.bytes.end(), sample.begin(), sample.end());
    split.labels.insert(split.labels.end(), next.begin(), next.end());
    ++split.count;
  }
  return split;
}

Dataset open_text(const Request& request, ThreadPool&) {
  const std::size_t comma = request.argument.find(',');
  const std::string path(trim(std::string_view(request.argument).substr(0, comma)));
  if (path.empty()) fail(request.what(), ": name the file, as in text:FILE,context=128");
  const std::array<std::string, 4> known = {"context", "stride", "test", "vocabulary"};
  const std::array<std::string, 2> vocabularies = {"occurring", "bytes"};
  const Options options(
      request.what(), comma == std::string::npos ? "" : request.argument.substr(comma + 1), known);
  Cutting cut{.context = static_cast<std::size_t>(options.integer("context", 128, 1, 1 << 20))};
  cut.stride = static_cast<std::size_t>(
      options.integer("stride", static_cast<std::int64_t>(cut.context), 1, 1 << 20));
  cut.test = options.number("test", 0.1, 0, 0.9);
  const bool all = options.choice("vocabulary", "occurring", vocabularies) == "bytes";

  const std::string text =
      unpacked(read_file(path, static_cast<std::size_t>(max_file_bytes)), path);
  const std::size_t least = cut.context + 1;  // one more character, for the last label
  const auto share = static_cast<std::size_t>(cut.test * static_cast<double>(text.size()));
  const std::size_t test = std::max(least, share);
  if (text.size() < test + 2 * least)
    fail("'", path, "' has ", text.size(), " characters, too few for samples of ", cut.context,
         " in training, validation and test; take a smaller context");

  Dataset dataset;
  dataset.sample_shape = Shape{static_cast<std::int64_t>(cut.context)};
  dataset.label_width = static_cast<std::int64_t>(cut.context);
  dataset.ids = true;
  const std::vector<std::uint8_t> bytes = vocabulary(text, all);
  std::array<std::uint8_t, 256> id_of{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    id_of[bytes[i]] = static_cast<std::uint8_t>(i);
    dataset.class_names.push_back(character_name(bytes[i]));
  }
  std::vector<std::uint8_t> ids(text.size());
  std::ranges::transform(text, ids.begin(), [&](char c) { return id_of[std::uint8_t(c)]; });
  dataset.train = samples_of(std::span(ids).first(ids.size() - test), cut);
  dataset.test = samples_of(std::span(ids).last(test), cut);
  return dataset;
}

}  // namespace

std::span<const Kind> text() {
  static constexpr std::array all = {
      Kind{"text", "text:FILE[,context=128,stride=128,test=0.1,vocabulary=occurring]", open_text}};
  return all;
}

}  // namespace rectify::data::ops
