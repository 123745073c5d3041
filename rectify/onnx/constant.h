#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/onnx/proto.h"

namespace rectify::onnx {

/// Numbers that an ONNX model carries, as initialiser or attribute.
struct Constant {
  std::vector<std::int64_t> extents;
  std::vector<float> floats;           ///< of the floating-point types
  std::vector<std::int64_t> integers;  ///< of the others
  bool whole = false;                  ///< whether the numbers are `integers`

  std::int64_t size() const;
  /// The only number. Call it where size() is 1.
  double scalar() const { return whole ? static_cast<double>(integers[0]) : floats[0]; }
  /// All of them as floats.
  std::vector<float> as_floats() const;
};

/// What stands for the batch size in a constant that a model computes from shapes.
inline constexpr std::int64_t batch_symbol = INT64_MIN + 1;

/// Reads a tensor. `where` says whose it is; external data are files in `folder`, and refused where
/// it is empty or the file is elsewhere. Throws Error where shape and bytes do not fit.
Constant constant_of(const pb::TensorProto& tensor, const std::string& where,
                     const std::filesystem::path& folder);

/// A product of extents, each 0 or more, of at most 2^40. Throws Error.
std::int64_t checked_size(const std::vector<std::int64_t>& extents, const std::string& where);

}  // namespace rectify::onnx
