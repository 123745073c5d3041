#pragma once

#include <cstdint>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// The dictionary at the start of a .npy file.
struct NpyHeader {
  std::string type;
  bool column_major = false;
  std::vector<std::int64_t> extents;
};

/// Reads the dictionary, which is Python's text for `{'descr': '<f4', 'fortran_order': False,
/// 'shape': (3, 4), }`. Throws Error, which names the file, when it is not such a text.
NpyHeader parse_npy_header(std::string_view text, const std::string& name);

}  // namespace rectify::data
