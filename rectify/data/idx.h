#pragma once

#include <cstdint>
#include <string>
#include <vector>

namespace rectify::data {

/// The content of an IDX file of unsigned bytes, the format of MNIST (LeCun, "The MNIST database of
/// handwritten digits", file formats).
struct Idx {
  std::vector<std::int64_t> extents;
  std::vector<std::uint8_t> bytes;  ///< row-major, as many as the product of the extents
};

/// Reads an IDX file of 1 to 4 extents, packed with gzip or plain (told by its content). Throws
/// Error when the file cannot be read, or is not exactly what its header declares. Never takes more
/// memory than the file's size allows its header to claim.
Idx read_idx(const std::string& path);

}  // namespace rectify::data
