#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "rectify/base/error.h"

namespace rectify {

/// Thrown when a file cannot be written: the disk is full, the folder is read-only, ...
class WriteError : public Error {
 public:
  using Error::Error;
};

/// Returns the whole content of a file. Throws Error when the file is missing, is a directory,
/// cannot be read, or is larger than `limit` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 34);

/// Replaces the content of a file at once: a reader, or the disk after a crash, has either the old
/// content or the new content, never a part. The content is written to `path`.partial, flushed to
/// the disk, and renamed. Throws WriteError when that fails, and then the old file is still there.
/// Devices and pipes are written to, not replaced; links are followed.
void write_file(const std::filesystem::path& path, std::string_view content);
/// The same for a content in several parts, which are written one after the other.
void write_file(const std::filesystem::path& path, std::span<const std::string_view> parts);

/// The 64-bit FNV-1a hash of the bytes, continued from `state`. It detects changed data; it is not
/// for security.
std::uint64_t fnv1a(std::string_view bytes, std::uint64_t state = 0xcbf29ce484222325u);

}  // namespace rectify
