#include "rectify/data/formats/text_encoding.h"

#include <algorithm>
#include <array>
#include <cstdint>

namespace rectify::data {

namespace {

constexpr char32_t unknown = 0xFFFD;

std::uint8_t byte_at(std::string_view bytes, std::size_t i) {
  return static_cast<std::uint8_t>(bytes[i]);
}

void put(std::string& text, char32_t c) {
  const auto tail = [&](int shift) { text += static_cast<char>(0x80 | (c >> shift & 0x3F)); };
  if (c < 0x80) {
    text += static_cast<char>(c);
  } else if (c < 0x800) {
    text += static_cast<char>(0xC0 | c >> 6);
    tail(0);
  } else if (c < 0x10000) {
    text += static_cast<char>(0xE0 | c >> 12);
    tail(6), tail(0);
  } else {
    text += static_cast<char>(0xF0 | c >> 18);
    tail(12), tail(6), tail(0);
  }
}

/// The bytes of the character that begins at `i`; 0 where no well-formed one does (Unicode, table
/// 3-7: neither longer than need be, nor a surrogate, nor above U+10FFFF).
std::size_t length_at(std::string_view bytes, std::size_t i) {
  const std::uint8_t first = byte_at(bytes, i);
  if (first < 0x80) return 1;
  const std::size_t length = first < 0xC2 ? 0 : first < 0xE0 ? 2 : first < 0xF0 ? 3 : 4;
  if (length == 0 || first > 0xF4 || i + length > bytes.size()) return 0;
  const std::uint8_t second = byte_at(bytes, i + 1);
  const std::uint8_t low = first == 0xE0 ? 0xA0 : first == 0xF0 ? 0x90 : 0x80;
  const std::uint8_t high = first == 0xED ? 0x9F : first == 0xF4 ? 0x8F : 0xBF;
  if (second < low || second > high) return 0;
  for (std::size_t k = 2; k < length; ++k)
    if ((byte_at(bytes, i + k) & 0xC0) != 0x80) return 0;
  return length;
}

bool is_utf8(std::string_view bytes) {
  for (std::size_t i = 0; i < bytes.size();) {
    const std::size_t length = length_at(bytes, i);
    if (length == 0) return false;
    i += length;
  }
  return true;
}

std::string from_utf16(std::string_view bytes, bool high_first) {
  std::string text;
  const auto unit = [&](std::size_t i) -> char32_t {
    return byte_at(bytes, i + (high_first ? 1 : 0)) | byte_at(bytes, i + (high_first ? 0 : 1)) << 8;
  };
  for (std::size_t i = 2; i + 1 < bytes.size(); i += 2) {
    char32_t c = unit(i);
    const bool lead = c >= 0xD800 && c < 0xDC00, tail = c >= 0xDC00 && c < 0xE000;
    const char32_t next = lead && i + 3 < bytes.size() ? unit(i + 2) : 0;
    if (next >= 0xDC00 && next < 0xE000) {
      c = 0x10000 + ((c - 0xD800) << 10) + (next - 0xDC00);
      i += 2;
    } else if (lead || tail) {
      c = unknown;
    }
    put(text, c);
  }
  return text;
}

std::string from_windows_1252(std::string_view bytes) {
  // From 0x80 on. Five bytes stand for nothing and stay as they are, so that they stay different.
  constexpr std::array<char32_t, 32> upper = {
      0x20AC, 0x0081, 0x201A, 0x0192, 0x201E, 0x2026, 0x2020, 0x2021, 0x02C6, 0x2030, 0x0160,
      0x2039, 0x0152, 0x008D, 0x017D, 0x008F, 0x0090, 0x2018, 0x2019, 0x201C, 0x201D, 0x2022,
      0x2013, 0x2014, 0x02DC, 0x2122, 0x0161, 0x203A, 0x0153, 0x009D, 0x017E, 0x0178};
  std::string text;
  for (std::size_t i = 0; i < bytes.size(); ++i) {
    const std::uint8_t byte = byte_at(bytes, i);
    put(text, byte < 0x80 || byte >= 0xA0 ? byte : upper[byte - 0x80]);
  }
  return text;
}

bool has_lone_returns(std::string_view text) {
  return text.find('\n') == text.npos && text.find('\r') != text.npos;
}

}  // namespace

bool has_utf16_mark(std::string_view bytes) {
  return bytes.starts_with("\xff\xfe") || bytes.starts_with("\xfe\xff");
}

bool is_plain_utf8(std::string_view bytes) {
  return !has_utf16_mark(bytes) && is_utf8(bytes) && !has_lone_returns(bytes);
}

DecodedText decode_text(std::string_view bytes) {
  DecodedText decoded;
  if (has_utf16_mark(bytes))
    decoded = {from_utf16(bytes, bytes[0] == '\xfe'), "UTF-16"};
  else if (is_utf8(bytes))
    decoded.text = bytes;
  else
    decoded = {from_windows_1252(bytes), "Windows-1252"};
  if (has_lone_returns(decoded.text)) std::ranges::replace(decoded.text, '\r', '\n');
  return decoded;
}

}  // namespace rectify::data
