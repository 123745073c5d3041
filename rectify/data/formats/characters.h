#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

#include "rectify/data/dataset.h"

namespace rectify::data {

/// The name of a character's class. A character is a byte. Its name is the character itself if it
/// can be printed; otherwise \n, \t, \r or, as in C, \xNN.
std::string character_name(std::uint8_t byte);

/// The byte with this name; nothing when no byte has it.
std::optional<std::uint8_t> character_of(std::string_view name);

/// How a text becomes samples: `context` characters each, beginning every `stride` characters.
struct Cutting {
  std::size_t context = 128, stride = 128;
  bool all_bytes = false;  ///< whether all 256 bytes are classes, or those that occur
};

/// The samples of a text. The label of each character is the next one. Its last `test` characters
/// are the test split.
Dataset dataset_of_text(std::string_view text, std::size_t test, const Cutting& cutting);

}  // namespace rectify::data
