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

/// Deflate spends at least two bits on 258 bytes, so data cannot unpack to more than this ratio.
inline constexpr std::int64_t max_deflate_ratio = 1032;

/// The same reading for packed (gzip, told by the content) and plain bytes: a piece at a time, so
/// that a header can be read before deciding how much memory the rest may take.
class Source {
 public:
  /// `content` must outlive this object; `name` is for errors.
  Source(std::string_view content, const std::string& name);

  /// Fills `out` as far as the data reaches and returns how far. Throws Error as Gunzip does.
  std::size_t read(std::span<std::uint8_t> out);

  /// No more than this many bytes can come in all.
  std::int64_t most() const { return most_; }

 private:
  std::string_view content_;
  std::unique_ptr<Gunzip> gunzip_;
  std::int64_t most_;
};

/// All of `content`, unpacked where it is packed with gzip. Memory grows with what really comes
/// out. Throws Error on damaged data and on more than `max_file_bytes`.
std::string unpacked(std::string content, const std::string& name);

}  // namespace rectify::data
