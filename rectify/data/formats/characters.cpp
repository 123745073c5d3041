#include "rectify/data/formats/characters.h"

#include <algorithm>
#include <array>
#include <span>
#include <vector>

namespace rectify::data {

namespace {

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

}  // namespace

std::string character_name(std::uint8_t byte) {
  constexpr const char* digits = "0123456789abcdef";
  if (byte == '\n') return "\\n";
  if (byte == '\t') return "\\t";
  if (byte == '\r') return "\\r";
  if (byte >= 32 && byte < 127) return std::string(1, static_cast<char>(byte));
  return std::string("\\x") + digits[byte / 16] + digits[byte % 16];
}

std::optional<std::uint8_t> character_of(std::string_view name) {
  for (int byte = 0; byte < 256; ++byte)
    if (character_name(static_cast<std::uint8_t>(byte)) == name)
      return static_cast<std::uint8_t>(byte);
  return std::nullopt;
}

Dataset dataset_of_text(std::string_view text, std::size_t test, const Cutting& cutting) {
  Dataset dataset;
  dataset.sample_shape = Shape{static_cast<std::int64_t>(cutting.context)};
  dataset.label_width = static_cast<std::int64_t>(cutting.context);
  dataset.ids = true;
  const std::vector<std::uint8_t> bytes = vocabulary(text, cutting.all_bytes);
  std::array<std::uint8_t, 256> id_of{};
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    id_of[bytes[i]] = static_cast<std::uint8_t>(i);
    dataset.class_names.push_back(character_name(bytes[i]));
  }
  std::vector<std::uint8_t> ids(text.size());
  std::ranges::transform(text, ids.begin(), [&](char c) { return id_of[std::uint8_t(c)]; });
  dataset.train = samples_of(std::span(ids).first(ids.size() - test), cutting);
  dataset.test = samples_of(std::span(ids).last(test), cutting);
  return dataset;
}

}  // namespace rectify::data
