#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rectify::data {

/// The name of a character's class. A character is a byte. Its name is the character itself if it
/// can be printed; otherwise \n, \t, \r or, as in C, \xNN.
std::string character_name(std::uint8_t byte);

/// The byte with this name; nothing when no byte has it.
std::optional<std::uint8_t> character_of(std::string_view name);

}  // namespace rectify::data
