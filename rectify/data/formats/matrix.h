#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// The content of a file in NORB's binary matrix format (LeCun and Huang, "The small NORB dataset",
/// file formats): whole numbers of 8 or 32 bits.
struct Matrix {
  std::vector<std::int64_t> extents;
  std::vector<std::uint8_t> bytes;    ///< for a matrix of bytes
  std::vector<std::int32_t> numbers;  ///< for a matrix of 32-bit numbers
};

/// Reads a matrix file from its bytes, which may be packed with gzip and of either byte order (the
/// magic number tells). Throws Error, which names `name`, when the content is not exactly what its
/// header declares. Never takes more memory than a file of this size can justify, whatever its
/// header claims.
Matrix parse_matrix(std::string_view content, const std::string& name);

}  // namespace rectify::data
