#pragma once

#include <bit>
#include <cstdint>

namespace rectify {

/// The upper half of a float: its sign, its exponent and 7 bits of its fraction, in memory only.
struct bfloat16 {
  std::uint16_t bits;
};

constexpr float to_float(bfloat16 v) {
  return std::bit_cast<float>(static_cast<std::uint32_t>(v.bits) << 16);
}

/// Whether kernels round to bfloat16 by the processor's own instruction, AVX512-BF16's, which makes
/// zero of what is below 2^-126; else in integer arithmetic. Not where RECTIFY_ISA is set.
extern const bool rounds_by_instruction;

/// To the nearest, halves to even; what is too large gives infinity, a NaN stays one.
constexpr bfloat16 to_bfloat16(float v) {
  const std::uint32_t bits = std::bit_cast<std::uint32_t>(v);
  if (v != v) return {static_cast<std::uint16_t>(bits >> 16 | 0x40)};
  return {static_cast<std::uint16_t>((bits + 0x7fff + (bits >> 16 & 1)) >> 16)};
}

}  // namespace rectify
