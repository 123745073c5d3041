#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <string_view>

#include "rectify/base/error.h"

namespace rectify {

/// Thrown when a file cannot be written: a full disk, a folder that is read-only, ...
class WriteError : public Error {
 public:
  using Error::Error;
};

/// The whole content of a file. Throws Error when it is missing, a directory, unreadable, or larger
/// than `limit` bytes.
std::string read_file(const std::filesystem::path& path, std::size_t limit = std::size_t{1} << 34);

/// Replaces the file's content so that a reader, or a crash, sees the old or the new, never a part:
/// written beside (`path`.partial), flushed to the disk, renamed. Throws WriteError, and leaves the
/// old file, when it fails.
/// A device or a pipe is written to, not replaced; a link is followed.
void write_file(const std::filesystem::path& path, std::string_view content);
/// The same for a content in parts, one after the other.
void write_file(const std::filesystem::path& path, std::span<const std::string_view> parts);

/// 64-bit FNV-1a of the bytes, continued from `state`; for telling changed data, not for security.
std::uint64_t fnv1a(std::string_view bytes, std::uint64_t state = 0xcbf29ce484222325u);

}  // namespace rectify
