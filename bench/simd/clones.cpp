// The functions as plain loops that GCC vectorises and clones for each instruction set. The loader
// picks the widest, so that a second build without avx512 shows what a processor without it gets.

#include <bit>
#include <cstdint>

#include "bench/simd/vehicle.h"

#if defined(CLONES_AVX2_ONLY)
#define CLONES [[gnu::target_clones("arch=x86-64-v3", "default")]]
#define CLONES_ENTRY clones_avx2
#define CLONES_ISA "avx2"
#else
#define CLONES [[gnu::target_clones("arch=x86-64-v4", "arch=x86-64-v3", "default")]]
#define CLONES_ENTRY clones_all
#define CLONES_ISA "avx512"
#endif
#define INLINE [[gnu::always_inline]] inline

namespace rectify::vehicles {
namespace {

INLINE float fma(float a, float b, float c) { return __builtin_fmaf(a, b, c); }
INLINE float min(float a, float b) { return a < b ? a : b; }
INLINE float max(float a, float b) { return a > b ? a : b; }

/// e^r for t = n ln 2 + r, and the two factors whose product is 2^n.
struct Power {
  float e, big;
  static constexpr float small = 0x1p-64f;
};
INLINE Power power(float t, float correction) {
  const float shift = 0x1.8p23f + 127, shifted = fma(t, 1.44269504f, shift), n = shifted - shift;
  const float r = fma(n, 2.12194440e-4f, fma(n, -0.693359375f, t)) + correction;
  float q = fma(r, 0x1.6bebe8p-10f, 0x1.1227f8p-7f);
  q = fma(r, q, 0x1.555674p-5f);
  q = fma(r, q, 0x1.5554b0p-3f);
  q = fma(r, q, 0x1.fffffep-2f);
  return {fma(r, fma(r, q, 1.0f), 1.0f),
          __builtin_bit_cast(float, (__builtin_bit_cast(std::uint32_t, shifted) + 64) << 23)};
}

INLINE float sigmoid(float x) {
  const Power p = power(max(-105.0f, -__builtin_fabsf(x)), 0.0f);
  const float z = p.e * p.big * Power::small;
  return (x < 0 ? z : 1.0f) / (z + 1);
}

INLINE float gelu(float x) {
  const float a = min(15.0f, __builtin_fabsf(x)), square = a * a;
  const Power p = power(square * -0.5f, fma(a, a, -square) * -0.5f);
  const float s = a / (a + 2.5f);
  float g = fma(s, -0x1.46a746p-4f, 0x1.1e3c16p-2f);
  g = fma(s, g, -0x1.408d66p-2f);
  g = fma(s, g, 0x1.1a1ceap-3f);
  g = fma(s, g, -0x1.327a6ap-3f);
  g = fma(s, g, 0x1.cae4d6p-5f);
  g = fma(s, g, 0x1.2adf68p-2f);
  g = fma(s, g, 0x1.5b5b14p-3f);
  g = fma(s, g, -0x1.3e4ef4p+0f);
  g = fma(s, g, 1.25f);
  return max(0.0f, x) - s * p.e * g * p.big * Power::small;
}

CLONES void relu_loop(const float* __restrict x, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = max(0.0f, x[i]);
}
CLONES void sigmoid_loop(const float* __restrict x, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = sigmoid(x[i]);
}
CLONES void gelu_loop(const float* __restrict x, float* __restrict y, std::size_t n) {
  for (std::size_t i = 0; i < n; ++i) y[i] = gelu(x[i]);
}

}  // namespace

Vehicle CLONES_ENTRY() { return {"target_clones", CLONES_ISA, relu_loop, sigmoid_loop, gelu_loop}; }

}  // namespace rectify::vehicles
