#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rectify::data {

/// Whether `content` begins like a gzip file, whatever its name says.
bool is_gzip(std::string_view content);

/// Unpacks all of `content` into `out` at about twice Gunzip's speed. False, with `out` in any
/// state, unless it is one whole member of just that size: Gunzip says what is wrong, or reads it.
bool gunzip_at_once(std::string_view content, std::span<std::uint8_t> out);

/// Reads gzip data from memory in pieces of the caller's choice, so that a header can be read
/// before deciding how much memory the rest may take. Several members one after the other are one
/// text, as for gunzip.
class Gunzip {
 public:
  /// `content` must outlive this object; `path` is for errors.
  Gunzip(std::string_view content, std::string path);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// Fills `out` as far as the data reaches and returns how far. Throws Error when the data is
  /// corrupt, or cut off before its end.
  std::size_t read(std::span<std::uint8_t> out);

 private:
  struct Stream;

  void next_member();

  std::string path_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace rectify::data
