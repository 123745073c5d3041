#pragma once

#include <string>
#include <string_view>

namespace rectify::data {

/// A text file's characters as UTF-8, and lines that end in LF or CRLF.
struct DecodedText {
  std::string text;
  std::string encoding;  ///< what the file was in; empty: UTF-8
};

/// Decodes what spreadsheets and older programs write: UTF-16 with its byte order mark, and bytes
/// that are no UTF-8, which are taken for Windows-1252 (Latin-1 with a few characters more). Where
/// CR alone ends lines it becomes LF.
DecodedText decode_text(std::string_view bytes);

/// Whether a file begins with the byte order mark of UTF-16.
bool has_utf16_mark(std::string_view bytes);

/// Whether decode_text() would change nothing, so that a large file need not be copied.
bool is_plain_utf8(std::string_view bytes);

}  // namespace rectify::data
