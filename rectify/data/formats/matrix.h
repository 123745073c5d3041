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
  std::vector<std::uint8_t> bytes;    ///< of a byte matrix
  std::vector<std::int32_t> numbers;  ///< of a matrix of 32-bit numbers
};

/// Reads the bytes of such a file, packed with gzip or plain, of either byte order (told by its
/// magic number). Throws Error, naming `name`, when it is not exactly what its header declares.
/// Never takes more memory than the size of `content` allows its header to claim.
Matrix parse_matrix(std::string_view content, const std::string& name);

}  // namespace rectify::data
