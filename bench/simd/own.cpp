// The functions with rectify/base/simd.h; compiled once an instruction set, with its flags.

#include "bench/simd/vehicle.h"
#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {
namespace {

template <class F>
RECTIFY_INLINE void map(const float* x, float* y, std::size_t n, F f) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < n; i += Vec::lanes) f(Vec::load(x + i)).store(y + i);
}

/// e^r for t = n ln 2 + r, and the two factors whose product is 2^n.
struct Power {
  Vec e, big;
  static constexpr float small = 0x1p-64f;
};
RECTIFY_INLINE Power power(Vec t, Vec correction) {
  const Vec shift = 0x1.8p23f + 127, shifted = fma(t, 1.44269504f, shift), n = shifted - shift;
  const Vec r = fma(n, 2.12194440e-4f, fma(n, -0.693359375f, t)) + correction;
  Vec q = fma(r, 0x1.6bebe8p-10f, 0x1.1227f8p-7f);
  q = fma(r, q, 0x1.555674p-5f);
  q = fma(r, q, 0x1.5554b0p-3f);
  q = fma(r, q, 0x1.fffffep-2f);
  return {fma(r, fma(r, q, 1.0f), 1.0f), from_bits((bits(shifted) + 64) << 23)};
}

RECTIFY_INLINE Vec sigmoid(Vec x) {
  const Power p = power(max(-105.0f, minus_abs(x)), 0.0f);
  const Vec z = p.e * p.big * Power::small;
  return select(x < 0, z, 1.0f) / (z + 1);
}

RECTIFY_INLINE Vec gelu(Vec x) {
  const Vec a = min(15.0f, abs(x)), square = a * a;
  const Power p = power(square * -0.5f, fma(a, a, -square) * -0.5f);
  const Vec s = a / (a + 2.5f);
  Vec g = fma(s, -0x1.46a746p-4f, 0x1.1e3c16p-2f);
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

void relu_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](Vec v) { return max(0.0f, v); });
}
void sigmoid_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](Vec v) { return sigmoid(v); });
}
void gelu_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](Vec v) { return gelu(v); });
}

}  // namespace
}  // namespace rectify::RECTIFY_ISA

#define OWN_JOIN(a, b) a##b
#define OWN_ENTRY(isa) OWN_JOIN(own_, isa)
#define OWN_TEXT(isa) #isa
#define OWN_NAME(isa) OWN_TEXT(isa)

namespace rectify::vehicles {
Vehicle OWN_ENTRY(RECTIFY_ISA)() {
  using namespace rectify::RECTIFY_ISA;
  return {"base/simd.h", OWN_NAME(RECTIFY_ISA), relu_loop, sigmoid_loop, gelu_loop};
}
}  // namespace rectify::vehicles
