// The functions with xsimd; compiled once an instruction set, with its flags.

#include <xsimd/xsimd.hpp>

#include "bench/simd/vehicle.h"

namespace rectify::vehicles {
namespace {

#if defined(__AVX512F__)
using Arch = xsimd::avx512bw;
#else
using Arch = xsimd::fma3<xsimd::avx2>;
#endif
using V = xsimd::batch<float, Arch>;
using I = xsimd::batch<std::int32_t, Arch>;

template <class F>
inline void map(const float* x, float* y, std::size_t n, F f) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < n; i += V::size) f(V::load_unaligned(x + i)).store_unaligned(y + i);
}

inline V fma(V a, V b, V c) { return xsimd::fma(a, b, c); }

/// e^r for t = n ln 2 + r, and the two factors whose product is 2^n.
struct Power {
  V e, big;
  static constexpr float small = 0x1p-64f;
};
inline Power power(V t, V correction) {
  const V shift = 0x1.8p23f + 127, shifted = fma(t, 1.44269504f, shift), n = shifted - shift;
  const V r = fma(n, 2.12194440e-4f, fma(n, -0.693359375f, t)) + correction;
  V q = fma(r, 0x1.6bebe8p-10f, 0x1.1227f8p-7f);
  q = fma(r, q, 0x1.555674p-5f);
  q = fma(r, q, 0x1.5554b0p-3f);
  q = fma(r, q, 0x1.fffffep-2f);
  const I exponent = xsimd::bitwise_cast<I>(shifted) + 64;
  return {fma(r, fma(r, q, 1.0f), 1.0f), xsimd::bitwise_cast<V>(exponent << 23)};
}

inline V sigmoid(V x) {
  const Power p = power(xsimd::max(V(-105.0f), -xsimd::abs(x)), 0.0f);
  const V z = p.e * p.big * Power::small;
  return xsimd::select(x < 0.0f, z, V(1.0f)) / (z + 1.0f);
}

inline V gelu(V x) {
  const V a = xsimd::min(V(15.0f), xsimd::abs(x)), square = a * a;
  const Power p = power(square * -0.5f, fma(a, a, -square) * -0.5f);
  const V s = a / (a + 2.5f);
  V g = fma(s, -0x1.46a746p-4f, 0x1.1e3c16p-2f);
  g = fma(s, g, -0x1.408d66p-2f);
  g = fma(s, g, 0x1.1a1ceap-3f);
  g = fma(s, g, -0x1.327a6ap-3f);
  g = fma(s, g, 0x1.cae4d6p-5f);
  g = fma(s, g, 0x1.2adf68p-2f);
  g = fma(s, g, 0x1.5b5b14p-3f);
  g = fma(s, g, -0x1.3e4ef4p+0f);
  g = fma(s, g, 1.25f);
  return xsimd::max(V(0.0f), x) - s * p.e * g * p.big * Power::small;
}

void relu_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](V v) { return xsimd::max(V(0.0f), v); });
}
void sigmoid_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](V v) { return sigmoid(v); });
}
void gelu_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](V v) { return gelu(v); });
}

}  // namespace

#if defined(__AVX512F__)
Vehicle xsimd_avx512() { return {"xsimd", "avx512", relu_loop, sigmoid_loop, gelu_loop}; }
#else
Vehicle xsimd_avx2() { return {"xsimd", "avx2", relu_loop, sigmoid_loop, gelu_loop}; }
#endif

}  // namespace rectify::vehicles
