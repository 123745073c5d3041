#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

#include "rectify/data/formats/gunzip.h"

namespace rectify::data {

/// A file of data is never larger than this, packed or unpacked.
inline constexpr std::int64_t max_file_bytes = std::int64_t{1} << 34;

/// Deflate spends at least two bits on 258 bytes, so data unpacks to at most this many times its
/// size.
inline constexpr std::int64_t max_deflate_ratio = 1032;

/// Reads plain bytes and bytes packed with gzip (the content tells) in the same way: one piece at a
/// time, so that a caller can read a header before it decides how much memory the rest may take.
class Source {
 public:
  /// `content` must outlive this object; `name` is for errors.
  Source(std::string_view content, const std::string& name);

  /// Fills `out` as far as the data reaches, and returns the number of bytes. Throws Error as
  /// Gunzip does.
  std::size_t read(std::span<std::uint8_t> out);

  /// The largest number of bytes that can come in all.
  std::int64_t most() const { return most_; }

 private:
  std::string_view content_;
  std::unique_ptr<Gunzip> gunzip_;
  std::int64_t most_;
};

/// All of `content`, unpacked if it is packed with gzip. It takes memory only for bytes that are
/// really unpacked. Throws Error for damaged data, and for more than `max_file_bytes`.
std::string unpacked(std::string content, const std::string& name);

}  // namespace rectify::data
