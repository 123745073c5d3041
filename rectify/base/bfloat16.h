#pragma once

#include <bit>
#include <cstdint>

namespace rectify {

/// A number of 16 bits: the upper half of a float, which is its sign, its exponent and 7 bits of
/// its fraction. It is a form of storage; arithmetic is done in float.
struct bfloat16 {
  std::uint16_t bits;
};

constexpr float to_float(bfloat16 v) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(v.bits) << 16);
}

/// Whether kernels round to bfloat16 with the processor's own instruction (AVX512-BF16). The
/// instruction turns numbers below 2^-126 into zero. Where this is false, kernels round in integer
/// arithmetic; it is always false when RECTIFY_ISA is set.
extern const bool rounds_by_instruction;

/// Rounds to the nearest number, halves to even. A number that is too large becomes infinity; a NaN
/// stays a NaN.
constexpr bfloat16 to_bfloat16(float v) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(v);
  if (v != v) return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
  return {static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

}  // namespace rectify
