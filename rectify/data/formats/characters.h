#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <string_view>

namespace rectify::data {

/// What the class of a character (a byte) is called: itself if it can be printed, else \n, \t, \r
/// or, as in C, \xNN.
std::string character_name(std::uint8_t byte);

/// The byte of that name; none for what is no such name.
std::optional<std::uint8_t> character_of(std::string_view name);

}  // namespace rectify::data
