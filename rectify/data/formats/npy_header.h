#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// What the dictionary at the head of a .npy file says.
struct NpyHeader {
  std::string type;
  bool column_major = false;
  std::vector<std::int64_t> extents;
};

/// Reads the dictionary, Python's text for `{'descr': '<f4', 'fortran_order': False, 'shape': (3,
/// 4), }`. Throws Error, naming the file, when it is not that.
NpyHeader parse_npy_header(std::string_view text, const std::string& name);

}  // namespace rectify::data
