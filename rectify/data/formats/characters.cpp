#include "rectify/data/formats/characters.h"

namespace rectify::data {

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

}  // namespace rectify::data
