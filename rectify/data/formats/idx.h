#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// The content of an IDX file of unsigned bytes, the format of MNIST (LeCun, "The MNIST database of
/// handwritten digits", file formats).
struct Idx {
  std::vector<std::int64_t> extents;
  std::vector<std::uint8_t> bytes;  ///< row-major, as many as the product of the extents
};

/// Reads the bytes of an IDX file of 1 to 4 extents, packed with gzip or plain (told by its
/// content); `name` is for errors. Throws Error when it is not exactly what its header declares.
/// Never takes more memory than the size of `content` allows its header to claim.
Idx parse_idx(std::string_view content, const std::string& name);

/// The same of a file. Throws Error when it cannot be read, too.
Idx read_idx(const std::string& path);

}  // namespace rectify::data
