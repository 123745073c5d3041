#pragma once

#include <cstddef>
#include <filesystem>
#include <string>
#include <string_view>

#include "rectify/verify/property.h"

namespace rectify::verify {

/// What a file of VNN-LIB 1 asks (https://www.vnnlib.org): the inputs X_0, X_1, ... and outputs
/// Y_0, Y_1, ... that its assertions allow are unsafe.
///
///     (declare-const X_0 Real)
///     (declare-const Y_0 Real)
///     (assert (>= X_0 -0.5))
///     (assert (<= X_0 0.5))
///     (assert (or (>= Y_0 4) (<= Y_0 (* -2 3.5e-1))))
struct VnnLib {
  Property property;  ///< the disjunctive normal form of all assertions
  std::size_t inputs = 0, outputs = 0;
  /// Cases that are not in `property`, because no input or no output can be in them: the lower end
  /// of a range above the upper one, or 1 <= Y_0 <= 0.
  std::size_t empty_cases = 0;
  /// Whether a strict inequality is read as one that allows equality. Those on one variable, and
  /// those of outputs with 0, are not: they are exact for numbers in float32.
  bool closed = false;
};

/// Cases that a property may have, once each `or` is multiplied out.
constexpr std::size_t most_cases = 65536;

/// Reads VNN-LIB 1: declarations of X_i and Y_i, each from 0 on; assertions of <=, >=, <, > and =
/// between linear terms (+, -, *), with `and` and `or` around them to any reasonable depth.
/// Constraints of inputs must be on one of them at a time and give each of them both ends.
/// Numbers are read as the nearest double, and terms are worked out in doubles. `name` is for
/// errors. Throws Error, with the line, for anything else.
VnnLib parse_vnnlib(std::string_view text, const std::string& name);

/// The same from a file, which may be packed by gzip.
VnnLib read_vnnlib(const std::filesystem::path& path);

/// Throws Error where a network of so many inputs and outputs cannot have the property.
void check_fits(const VnnLib& property, std::size_t inputs, std::size_t outputs);

}  // namespace rectify::verify
