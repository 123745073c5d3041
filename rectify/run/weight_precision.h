#pragma once

#include <array>
#include <string_view>

namespace rectify::run {

/// What the weights of layers are kept as where nobody trains them. Sums are floats always.
/// bf16: each weight rounded. int8: a whole number from -127 to 127, times the largest weight of
/// its unit (column) over 127.
enum class WeightPrecision { fp32, bf16, int8 };
constexpr std::array<std::string_view, 3> names_of(WeightPrecision) {
  return {"fp32", "bf16", "int8"};
}

}  // namespace rectify::run
