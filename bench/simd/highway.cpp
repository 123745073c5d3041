// The functions with Highway, in its idiom: this file includes itself once an instruction set, and
// a table picks one at run time.

#undef HWY_TARGET_INCLUDE
#define HWY_TARGET_INCLUDE "bench/simd/highway.cpp"
// As few as the other vehicles are built for; it insists on a baseline besides.
#define HWY_DISABLED_TARGETS (HWY_SSSE3 | HWY_SSE4 | HWY_AVX3_DL)
#include <hwy/foreach_target.h>
#include <hwy/highway.h>

#include "bench/simd/vehicle.h"

HWY_BEFORE_NAMESPACE();
namespace rectify::vehicles::HWY_NAMESPACE {
namespace hn = hwy::HWY_NAMESPACE;

using D = hn::ScalableTag<float>;
using DI = hn::RebindToSigned<D>;
using V = hn::Vec<D>;

HWY_INLINE V constant(float c) { return hn::Set(D(), c); }
HWY_INLINE V fma(V a, V b, float c) { return hn::MulAdd(a, b, constant(c)); }

template <class F>
HWY_INLINE void map(const float* x, float* y, std::size_t n, F f) {
#pragma GCC unroll 4
  for (std::size_t i = 0; i < n; i += hn::Lanes(D()))
    hn::StoreU(f(hn::LoadU(D(), x + i)), D(), y + i);
}

/// e^r for t = n ln 2 + r, and the two factors whose product is 2^n.
struct Power {
  V e, big;
};
constexpr float small = 0x1p-64f;
HWY_INLINE Power power(V t, V correction) {
  const V shift = constant(0x1.8p23f + 127);
  const V shifted = hn::MulAdd(t, constant(1.44269504f), shift), n = hn::Sub(shifted, shift);
  const V high = hn::MulAdd(n, constant(-0.693359375f), t);
  const V r = hn::Add(hn::MulAdd(n, constant(2.12194440e-4f), high), correction);
  V q = fma(r, constant(0x1.6bebe8p-10f), 0x1.1227f8p-7f);
  q = fma(r, q, 0x1.555674p-5f);
  q = fma(r, q, 0x1.5554b0p-3f);
  q = fma(r, q, 0x1.fffffep-2f);
  const auto exponent = hn::Add(hn::BitCast(DI(), shifted), hn::Set(DI(), 64));
  return {fma(r, fma(r, q, 1.0f), 1.0f), hn::BitCast(D(), hn::ShiftLeft<23>(exponent))};
}

HWY_INLINE V sigmoid(V x) {
  const V one = constant(1);
  const Power p = power(hn::Max(constant(-105), hn::Neg(hn::Abs(x))), hn::Zero(D()));
  const V z = hn::Mul(hn::Mul(p.e, p.big), constant(small));
  return hn::Div(hn::IfThenElse(hn::Lt(x, hn::Zero(D())), z, one), hn::Add(z, one));
}

HWY_INLINE V gelu(V x) {
  const V a = hn::Min(constant(15), hn::Abs(x)), square = hn::Mul(a, a), half = constant(-0.5f);
  const Power p = power(hn::Mul(square, half), hn::Mul(hn::MulSub(a, a, square), half));
  const V s = hn::Div(a, hn::Add(a, constant(2.5f)));
  V g = fma(s, constant(-0x1.46a746p-4f), 0x1.1e3c16p-2f);
  g = fma(s, g, -0x1.408d66p-2f);
  g = fma(s, g, 0x1.1a1ceap-3f);
  g = fma(s, g, -0x1.327a6ap-3f);
  g = fma(s, g, 0x1.cae4d6p-5f);
  g = fma(s, g, 0x1.2adf68p-2f);
  g = fma(s, g, 0x1.5b5b14p-3f);
  g = fma(s, g, -0x1.3e4ef4p+0f);
  g = fma(s, g, 1.25f);
  const V tail = hn::Mul(hn::Mul(hn::Mul(hn::Mul(s, p.e), g), p.big), constant(small));
  return hn::Sub(hn::Max(hn::Zero(D()), x), tail);
}

void relu_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](V v) HWY_ATTR { return hn::Max(hn::Zero(D()), v); });
}
void sigmoid_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](V v) HWY_ATTR { return sigmoid(v); });
}
void gelu_loop(const float* x, float* y, std::size_t n) {
  map(x, y, n, [](V v) HWY_ATTR { return gelu(v); });
}

}  // namespace rectify::vehicles::HWY_NAMESPACE
HWY_AFTER_NAMESPACE();

#if HWY_ONCE
namespace rectify::vehicles {

HWY_EXPORT(relu_loop);
HWY_EXPORT(sigmoid_loop);
HWY_EXPORT(gelu_loop);

namespace {
/// The functions that the dispatch picks when the processor has only these targets.
Vehicle pick(const char* isa, std::int64_t targets) {
  hwy::SetSupportedTargetsForTest(targets);
  const bool can = hwy::SupportedTargets() & targets;
  hwy::GetChosenTarget().Update(hwy::SupportedTargets());
  Vehicle v = {"Highway", isa, nullptr, nullptr, nullptr};
  if (can) {
    v.relu = HWY_DYNAMIC_DISPATCH(relu_loop);
    v.sigmoid = HWY_DYNAMIC_DISPATCH(sigmoid_loop);
    v.gelu = HWY_DYNAMIC_DISPATCH(gelu_loop);
  }
  hwy::SetSupportedTargetsForTest(0);
  return v;
}
}  // namespace

Vehicle highway_avx512() { return pick("avx512", HWY_AVX3); }
Vehicle highway_avx2() { return pick("avx2", HWY_AVX2); }

}  // namespace rectify::vehicles
#endif
