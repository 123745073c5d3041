#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "tests/data/idx_files.h"

// The bytes of good files of every kind that is read, made here so that no data need be kept.

namespace rectify::data::testing {

/// `value`, `bytes` of it, lowest first.
std::string little(std::uint64_t value, int bytes);
/// The same, highest first.
std::string big(std::uint64_t value, int bytes);

/// A .npy file: the header's dictionary and the content, of `version` 1 to 3.
std::string npy(const std::string& type, const std::string& shape, const std::string& content,
                bool column_major = false, int version = 1);

/// A file in a zip archive.
struct Member {
  std::string name, content;
  bool deflated = false;
  bool zip64 = false;
};
std::string zip(const std::vector<Member>& members);

/// A file in NORB's matrix format.
std::string matrix(std::uint32_t magic, const std::vector<std::uint32_t>& extents,
                   const std::string& content, bool high_first = false);

/// A PNG file of 8 bits a channel (1 grey, 2 grey and alpha, 3 colours, 4 colours and alpha); with
/// `palette`, `bytes` are positions in it.
std::string png(std::size_t width, std::size_t height, std::size_t channels,
                const std::string& bytes, const std::string& palette = {});

/// A JPEG file, grey (1) or in colours (3).
std::string jpeg(std::size_t width, std::size_t height, std::size_t channels,
                 const std::string& bytes, bool progressive = false);

}  // namespace rectify::data::testing
