#pragma once

#include <array>
#include <cstddef>
#include <string_view>
#include <vector>

namespace rectify::verify {

/// A box of inputs: lower[i] <= x[i] <= upper[i], ends included.
struct Box {
  std::vector<double> lower, upper;
};

/// A half space of outputs: the sum of coefficients[j] * y[j] is at most bound.
struct HalfSpace {
  std::vector<double> coefficients;
  double bound = 0;
};

/// Inputs of the box whose outputs lie in all half spaces are unsafe.
struct Unsafe {
  Box inputs;
  std::vector<HalfSpace> outputs;
};

/// Holds when no input is unsafe in any of the cases.
struct Property {
  std::vector<Unsafe> cases;
};

/// Throws Error where a network of so many inputs and outputs cannot have the property, for numbers
/// that are not finite, and for bounds of inputs beyond 2^126, which may overflow in float32.
void check_property(const Property& property, std::size_t inputs, std::size_t outputs);

enum class Answer { holds, violated, unknown };
constexpr std::array<std::string_view, 3> names_of(Answer) {
  return {"holds", "violated", "unknown"};
}

}  // namespace rectify::verify
