#pragma once

#include <cstdint>
#include <filesystem>
#include <string>
#include <vector>

#include "rectify/onnx/proto.h"

namespace rectify::onnx {

/// Numbers in an ONNX model: an initialiser or an attribute.
struct Constant {
  std::vector<std::int64_t> extents;
  std::vector<float> floats;           ///< if the type is a floating-point type
  std::vector<std::int64_t> integers;  ///< if it is any other type
  bool whole = false;                  ///< whether the numbers are `integers`

  std::int64_t size() const;
  /// The only number. Call it where size() is 1.
  double scalar() const { return whole ? static_cast<double>(integers[0]) : floats[0]; }
  /// All numbers as floats.
  std::vector<float> as_floats() const;
};

/// What stands for the batch size in a constant that a model computes from shapes.
inline constexpr std::int64_t batch_symbol = INT64_MIN + 1;

/// Reads a tensor. `where` names its node for errors. External data are read from files in
/// `folder`; they are refused if `folder` is empty or the file lies outside of it. Throws Error if
/// shape and bytes do not fit.
Constant constant_of(const pb::TensorProto& tensor, const std::string& where,
                     const std::filesystem::path& folder);

/// The product of `extents`. Throws Error if one is negative, or if the product exceeds 2^40.
std::int64_t checked_size(const std::vector<std::int64_t>& extents, const std::string& where);

}  // namespace rectify::onnx
