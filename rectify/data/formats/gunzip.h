#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>
#include <span>
#include <string>
#include <string_view>

namespace rectify::data {

/// Whether `content` begins like a gzip file, whatever the file's name is.
bool is_gzip(std::string_view content);

/// Unpacks all of `content` into `out`, about twice as fast as Gunzip. Works only if `content` is
/// one whole member of exactly this size. Otherwise returns false, with any bytes in `out`; Gunzip
/// then reads it or reports the error.
bool gunzip_at_once(std::string_view content, std::span<std::uint8_t> out);

/// Reads gzip data from memory, in pieces of the caller's choice, so that a caller can read a
/// header before it decides how much memory the rest may take. Several members in a row are one
/// text, as for the gunzip program.
class Gunzip {
 public:
  /// `content` must outlive this object; `path` is for errors.
  Gunzip(std::string_view content, std::string path);
  ~Gunzip();
  Gunzip(const Gunzip&) = delete;
  Gunzip& operator=(const Gunzip&) = delete;

  /// Fills `out` as far as the data reaches, and returns the number of bytes. Throws Error when the
  /// data is corrupt or ends too early.
  std::size_t read(std::span<std::uint8_t> out);

 private:
  struct Stream;

  void next_member();

  std::string path_;
  std::unique_ptr<Stream> stream_;
};

}  // namespace rectify::data
