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
  std::vector<std::uint8_t> bytes;  ///< row-major; as many bytes as the product of the extents
};

/// Reads an IDX file of 1 to 4 extents from its bytes, which may be packed with gzip (the content
/// tells). `name` is for errors. Throws Error when the content is not exactly what its header
/// declares. Never takes more memory than a file of this size can justify, whatever its header
/// claims.
Idx parse_idx(std::string_view content, const std::string& name);

/// The same for a file. Also throws Error when the file cannot be read.
Idx read_idx(const std::string& path);

/// The names under which a file of a set is looked for, in this order, where the files that exist
/// have `ranks` extents ("324", "1"): train-images-idx3-ubyte, packed or not, joined by a hyphen or
/// a point. `stem` is "train-images".
std::vector<std::string> idx_names(const std::string& stem, std::string_view ranks);

}  // namespace rectify::data
