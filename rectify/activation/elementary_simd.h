#pragma once

// Exponentials, logarithms, tanh, sigmoid and sines of vectors of floats. math_simd.h explains the
// error bounds.

#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {

/// A number as the sum of two floats; `low` is the rounding error of `high`.
template <class V> struct Two { V high, low; };

/// 2^n for n in [−126, 127].
RECTIFY_INLINE Vec power_of_two([[maybe_unused]] Vec n, [[maybe_unused]] Vec shifted) {
#if defined(RECTIFY_SIMD_AVX512)
  return scale(Vec(1), n);
#else
  return from_bits(bits(shifted) << 23);
#endif
}

/// v·2^n for n in [−190, 63], rounded once where the result is denormal.
RECTIFY_INLINE Vec scale_down(Vec v, [[maybe_unused]] Vec n, [[maybe_unused]] Vec shifted) {
#if defined(RECTIFY_SIMD_AVX512)
  return scale(v, n);
#else
  return v * from_bits((bits(shifted) + 64) << 23) * 0x1p-64f;
#endif
}

/// A number t, written as n·ln 2 + r with whole n and |r| <= ln 2 / 2.
template <class V> struct Reduced {
  V r, n;
  V shifted;  ///< its lowest bits are the exponent field of 2^n
};
/// Reduces times·t for |t| < 2^21. The resulting r must still be multiplied by `times`, which is a
/// power of two.
template <class V> RECTIFY_INLINE Reduced<V> reduce(V t, float times = 1) {
  const V shift = 0x1.8p23f + 127;  // adding it rounds to a whole number
  const V shifted = fma(t, V(1.44269504f * times), shift);
  const V n = shifted - shift;
  // ln 2 is split into two parts. The first has 9 bits, so that n times it is exact even without
  // fma.
  const V r = fma(n, V(-0.693359375f / times), t);
  return {fma(n, V(2.12194440e-4f / times), r), n, shifted};
}

template <class V> RECTIFY_INLINE V power_of_two(const Reduced<V>& x) {
  return power_of_two(x.n, x.shifted);
}
template <class V> RECTIFY_INLINE V scale_down(V v, const Reduced<V>& x) {
  return scale_down(v, x.n, x.shifted);
}

/// The q in e^tr = 1 + t·r + r²·q, for |t·r| <= ln 2 / 2 and t = `times`, a power of two. With this
/// q, both e^tr and e^tr − 1 are within 2^-26.
template <class V> RECTIFY_INLINE V exp_rest(V r, float times = 1) {
  const float t = times, square = t * t;
  V q = fma(r, V(0x1.6bebe8p-10f * square * square * square),
            V(0x1.1227f8p-7f * square * square * t));
  q = fma(r, q, V(0x1.555674p-5f * square * square));
  q = fma(r, q, V(0x1.5554b0p-3f * square * t));
  return fma(r, q, V(0x1.fffffep-2f * square));
}

/// e^r for |r| <= ln 2 / 2, with hardly more than one rounding.
template <class V> RECTIFY_INLINE V exp_reduced_closely(V r) {
  return V(1) + fma(r * r, exp_rest(r), r);
}

/// e^r for |r| <= ln 2 / 2. Callers multiply the result by 2^n. They multiply by any other factor
/// before that, so that a result that is denormal, or has denormal factors, is rounded once.
template <class V> RECTIFY_INLINE V exp_reduced(V r) {
#if defined(RECTIFY_SIMD_FMA)
  return fma(r, fma(r, exp_rest(r), V(1)), V(1));
#else
  return exp_reduced_closely(r);  // without fma, each fma above would round twice
#endif
}

/// e^x. It is inf from 88.73 on and 0 below −103.98. 2 ulp.
template <class V> RECTIFY_INLINE V exp(V x) {
  const Reduced<V> t = reduce(max(V(-105), min(V(90), x)));
  return scale(exp_reduced(t.r), t.n);
}

/// e^x for x <= 0. 2 ulp.
template <class V> RECTIFY_INLINE V exp_negative(V x) {
  const Reduced<V> t = reduce(max(V(-105), x));
  return scale_down(exp_reduced(t.r), t);
}

/// a·e^x for x <= 0 and a < 2^20, rounded once where the result is denormal. 3 ulp.
template <class V> RECTIFY_INLINE V exp_negative_times(V x, double a) {
  const Reduced<V> t = reduce(max(V(-120), x));
  return scale_down(exp_reduced(t.r) * V(a), t);
}

/// e^x − 1 for x <= 0. 2 ulp.
template <class V> RECTIFY_INLINE V expm1_negative(V x) {
  const Reduced<V> t = reduce(max(V(-30), x));
  const V s = power_of_two(t);
  return fma(s, fma(t.r * t.r, exp_rest(t.r), t.r), s - 1);
}

/// e^x − 1. 4 ulp.
template <class V> RECTIFY_INLINE V expm1(V x) {
  const Reduced<V> t = reduce(max(V(-30), min(V(90), x)));
  const V e = fma(t.r * t.r, exp_rest(t.r), t.r);
  return select(t.n == 0, e, scale(V(1) + e, t.n) - 1);
}

/// ln(1 + z) for z in [0, 1]. 2 ulp.
template <class V> RECTIFY_INLINE V log1p_unit(V z) {
  V q = fma(z, V(-0x1.b2f564p-9f), V(0x1.4b0822p-6f));
  q = fma(z, q, V(-0x1.d86312p-5f));
  q = fma(z, q, V(0x1.b579bap-4f));
  q = fma(z, q, V(-0x1.3a7a7ep-3f));
  q = fma(z, q, V(0x1.935c9ep-3f));
  q = fma(z, q, V(-0x1.ff26e0p-3f));
  q = fma(z, q, V(0x1.554df0p-2f));
  q = fma(z, q, V(-0x1.ffffd2p-2f));
  return fma(z * z, q, z);
}

/// The hyperbolic tangent. 3 ulp.
template <class V> RECTIFY_INLINE V tanh(V x) {
  // e = e^−2|x| − 1. The factor 2 is part of the constants, so it costs nothing.
  const Reduced<V> t = reduce(max(V(-15), minus_abs(x)), 2);
  const V s = power_of_two(t), rest = t.r * fma(t.r, exp_rest(t.r, 2), V(2));
  const V e = fma(s, rest, s - 1);
  return copysign(e / (e + 2), x);
}

/// 1 / (1 + e^−x). 3 ulp.
template <class V> RECTIFY_INLINE V sigmoid(V x) {
  const V z = exp_negative(minus_abs(x));
  return select(x < 0, z, V(1)) / (z + 1);
}

/// x / a for x <= 0, as n·ln 2 + r. An error of half a unit in the last place of the quotient would
/// be a relative error of up to 64 in its exponential, so the rounding error of the quotient is
/// added to r.
template <class V> RECTIFY_INLINE Reduced<V> reduce_over(V x, double a) {
  if (a == 1) return reduce(max(V(-105), x));
  const V bounded = max(V(-105 * a), x);
  const V b = 1 / a, b_low = 1 / a - static_cast<double>(static_cast<float>(1 / a));
  const V t = bounded * b;
  Reduced<V> e = reduce(t);
  e.r = e.r + fma(bounded, b_low, product_error(bounded, b, t));
  return e;
}

/// e^(x/a) and a·(e^(x/a) − 1) for x <= 0, a > 0. 3 ulp.
template <class V> RECTIFY_INLINE V exp_negative_over(V x, double a) {
  const Reduced<V> t = reduce_over(x, a);
  return scale_down(exp_reduced(t.r), t);
}
template <class V> RECTIFY_INLINE V scaled_expm1_negative(V x, double a) {
  if (a == 1) return expm1_negative(x);
  const Reduced<V> t = reduce_over(max(V(-30 * a), x), a);
  const V bend = t.r * t.r * exp_rest(t.r), s = power_of_two(t);
  const V far = a * fma(s, t.r + bend, s - 1);
  return select(t.n == 0, fma(V(a), bend, x), far);  // near 0, x / a may be too small to be exact
}

/// −|x − c| as n·ln 2 + r, where the rounding error of x − c is added to r (Knuth's exact sum).
template <class V> struct Shifted {
  V t;
  Reduced<V> e;
};
template <class V> RECTIFY_INLINE Shifted<V> shifted(V x, double c) {
  const V reach = 1e6f, bounded = max(-reach, min(reach, x)), back = V(-c);
  const V t = bounded + back, part = t - bounded;
  const V lost = (bounded - (t - part)) + (back - part);
  Shifted<V> s = {t, reduce(max(V(-105), minus_abs(t)))};
  s.e.r = s.e.r + select(abs(t) < 105, select(t < 0, lost, -lost), V(0));
  return s;
}

/// sigmoid(x − c) and its derivative for c that is a float. 4 ulp.
template <class V> RECTIFY_INLINE V sigmoid_shifted(V x, double c) {
  const Shifted<V> s = shifted(x, c);
  const V power = exp_reduced(s.e.r), z = scale_down(power, s.e);
  const auto left = s.t < 0;
  return select(left, scale_down(power / (z + 1), s.e), 1 / (z + 1));
}
template <class V> RECTIFY_INLINE V sigmoid_slope_shifted(V x, double c) {
  const Shifted<V> s = shifted(x, c);
  const V power = exp_reduced(s.e.r), z = scale_down(power, s.e);
  return scale_down(power / fma(z, z + 2, V(1)), s.e);
}

/// sin(x + turn·π) for turn 0 or ½; 0 at ±∞. 3 ulp.
RECTIFY_INLINE Vec sine(Vec x, float turn) {
  // Subtract the nearest k·π from x, in parts. The first two parts have so few bits that k times
  // them is exact. Then Taylor's series.
  const Vec shift = 0x1.8p23f, whole = (fma(x, Vec(0.318309886f), Vec(turn)) + shift) - shift;
  const Vec k = whole - turn;
  const Vec r =
      fma(k, Vec(-0x1.10b462p-29f), fma(k, Vec(-0x1.ed5p-13f), fma(k, Vec(-0x1.9218p1f), x)));
  const Vec t = r * r;
  Vec q = fma(t, Vec(1.0 / 6227020800), Vec(-1.0 / 39916800));
  q = fma(t, q, Vec(1.0 / 362880));
  q = fma(t, q, Vec(-1.0 / 5040));
  q = fma(t, q, Vec(1.0 / 120));
  q = fma(t, q, Vec(-1.0 / 6));
  const Vec even = ((whole * 0.5f + shift) - shift) * 2;
  const Vec near = select(whole == even, Vec(1), Vec(-1)) * fma(r * t, q, r);
  const Mask far = !(abs(x) < 1024);  // where k has too many bits
  if (!any(far)) [[likely]]
    return near;
  float lane[Vec::lanes];
  x.store(lane);
  for (float& v : lane) {
    v = v - v == 0 ? (turn == 0 ? __builtin_sinf(v) : __builtin_cosf(v)) : v == v ? 0 : v;
  }
  return select(far, Vec::load(lane), near);
}
RECTIFY_INLINE Vec sin(Vec x) { return sine(x, 0); }
RECTIFY_INLINE Vec cos(Vec x) { return sine(x, 0.5f); }

}  // namespace rectify::RECTIFY_ISA
