#pragma once

#include <cstddef>
#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/shape.h"

namespace rectify::data {

/// An array of a .npy file (NumPy enhancement proposal 1, versions 1 to 3): numbers of any width,
/// byte order and axis order. They are converted only by the functions below.
struct Array {
  std::string name;                   ///< for errors
  std::vector<std::int64_t> extents;  ///< outermost first
  std::string type;                   ///< as in the file: "<f4"
  char kind = 'f';                    ///< b bool, u unsigned, i signed, f floating point
  std::size_t width = 4;              ///< bytes of one number
  bool swapped = false;               ///< the byte order is not this machine's
  bool column_major = false;          ///< the first axis varies fastest ("Fortran order")
  std::string_view data;              ///< exactly as many bytes as the extents say

  std::size_t size() const { return data.size() / width; }
};

/// Reads the header of a .npy file from the file's bytes; the result refers to `content`. Throws
/// Error when it is not such a file, holds no numbers, or does not have exactly the bytes that its
/// header declares.
Array parse_npy(std::string_view content, const std::string& name);

/// All numbers, row-major. Throws Error, which names the position, for a number that is not finite
/// or too large for a float.
std::vector<float> floats_of(const Array& array);

/// All numbers of an array of bool or 8-bit unsigned numbers, row-major.
std::vector<std::uint8_t> bytes_of(const Array& array);

/// Whether every number is whole (of type b, i or u, or without a fraction).
bool all_whole(const Array& array);

/// All numbers, row-major, of an array for which all_whole() is true. Throws Error for a number
/// beyond 64 bits.
std::vector<std::int64_t> integers_of(const Array& array);

/// The bytes of a .npy file of floats, row-major, of version 1; little-endian as this machine.
std::string encode_npy(std::span<const float> numbers, const Shape& shape);

}  // namespace rectify::data
