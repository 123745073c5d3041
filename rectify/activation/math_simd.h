#pragma once

// The functions of math.h for vectors of floats. Rows find them through their argument's namespace.
//
// Polynomials were fitted for the least largest relative error (Lawson's iteratively reweighted
// least squares at 400 to 600 Chebyshev points, in double precision, against 40-digit values) and
// rounded to float, the one in mills() coefficient by coefficient with the rest fitted again.
// Bounds are in units in the last place (ulp) of the exact result, over all floats, denormal
// results included.

#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {

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

/// A number t as n·ln 2 + r with whole n and |r| <= ln 2 / 2.
template <class V>
struct Reduced {
  V r, n;
  V shifted;  ///< its lowest bits are the exponent field of 2^n
};
/// |t| < 2^21.
template <class V>
RECTIFY_INLINE Reduced<V> reduce(V t) {
  const V shift = 0x1.8p23f + 127;  // adding it rounds to a whole number
  const V shifted = fma(t, V(1.44269504f), shift);
  const V n = shifted - shift;
  // ln 2 in two parts; the first has 9 bits, so that n times it is exact without fma too.
  const V r = fma(n, V(-0.693359375f), t);
  return {fma(n, V(2.12194440e-4f), r), n, shifted};
}

template <class V>
RECTIFY_INLINE V power_of_two(const Reduced<V>& x) {
  return power_of_two(x.n, x.shifted);
}
template <class V>
RECTIFY_INLINE V scale_down(V v, const Reduced<V>& x) {
  return scale_down(v, x.n, x.shifted);
}

/// q in e^r = 1 + r + r²·q for |r| <= ln 2 / 2; with it both e^r and e^r − 1 are within 2^-26.
template <class V>
RECTIFY_INLINE V exp_rest(V r) {
  V q = fma(r, V(0x1.6bebe8p-10f), V(0x1.1227f8p-7f));
  q = fma(r, q, V(0x1.555674p-5f));
  q = fma(r, q, V(0x1.5554b0p-3f));
  return fma(r, q, V(0x1.fffffep-2f));
}

/// e^r for |r| <= ln 2 / 2. Callers multiply by 2^n, and where they multiply by more, they do so
/// first: a result that is denormal, or whose factors are, is then rounded once.
template <class V>
RECTIFY_INLINE V exp_reduced(V r) {
  return fma(r, fma(r, exp_rest(r), V(1)), V(1));
}

/// e^x: inf from 88.73 on, 0 below −103.98. 2 ulp.
template <class V>
RECTIFY_INLINE V exp(V x) {
  const Reduced<V> t = reduce(max(V(-105), min(V(90), x)));
  return scale(exp_reduced(t.r), t.n);
}

/// e^x for x <= 0. 2 ulp.
template <class V>
RECTIFY_INLINE V exp_negative(V x) {
  const Reduced<V> t = reduce(max(V(-105), x));
  return scale_down(exp_reduced(t.r), t);
}

/// e^x − 1 for x <= 0. 2 ulp.
template <class V>
RECTIFY_INLINE V expm1_negative(V x) {
  const Reduced<V> t = reduce(max(V(-30), x));
  const V s = power_of_two(t);
  return fma(s, fma(t.r * t.r, exp_rest(t.r), t.r), s - 1);
}

/// e^x − 1. 4 ulp.
template <class V>
RECTIFY_INLINE V expm1(V x) {
  const Reduced<V> t = reduce(max(V(-30), min(V(90), x)));
  const V e = fma(t.r * t.r, exp_rest(t.r), t.r);
  return select(t.n == 0, e, scale(V(1) + e, t.n) - 1);
}

/// ln(1 + z) for z in [0, 1]. 2 ulp.
template <class V>
RECTIFY_INLINE V log1p_unit(V z) {
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

/// 3 ulp.
template <class V>
RECTIFY_INLINE V tanh(V x) {
  const V e = expm1_negative(2 * minus_abs(x));
  return copysign(e / (e + 2), x);
}

/// 3 ulp.
template <class V>
RECTIFY_INLINE V sigmoid(V x) {
  const V z = exp_negative(minus_abs(x));
  return select(x < 0, z, V(1)) / (z + 1);
}

/// What x·sigmoid(beta·x) and its derivative share.
template <class V>
struct Logistic {
  V x;           ///< not below where all is 0
  V t;           ///< beta·x, held where e^−|t| matters
  Reduced<V> e;  ///< −|t|
  V power, z;    ///< e^e.r and e^−|t|
};
template <class V>
RECTIFY_INLINE Logistic<V> logistic(V x, double beta) {
  const V bound = 120 / beta;
  const V low_bounded = max(-bound, x), bounded = min(bound, low_bounded);
  V t = bounded;
  Reduced<V> e;
  if (beta == 1) {
    e = reduce(minus_abs(t));
  } else {
    // Half a unit in the last place of t is a relative error of up to 64 in e^t: keep what is lost.
    const V b = beta, b_low = beta - static_cast<double>(static_cast<float>(beta));
    t = bounded * b;
    const V t_low = fma(bounded, b_low, product_error(bounded, b, t));
    e = reduce(minus_abs(t));
    e.r = e.r + select(t < 0, t_low, -t_low);
  }
  const V power = exp_reduced(e.r);
  return {low_bounded, t, e, power, scale_down(power, e)};
}

/// v·e^−|t| where t < 0, v elsewhere.
template <class V>
RECTIFY_INLINE V fade_left(const Logistic<V>& s, V v) {
  const auto left = s.t < 0;
#if defined(RECTIFY_SIMD_AVX512)
  return scale(v * select(left, s.power, V(1)), select(left, s.e.n, V(0)));
#else
  return select(left, scale_down(v * s.power, s.e), v);
#endif
}

/// x·sigmoid(beta·x), beta > 0. 4 ulp.
template <class V>
RECTIFY_INLINE V x_sigmoid(V x, double beta) {
  const Logistic<V> s = logistic(x, beta);
  return fade_left(s, s.x / (s.z + 1));
}

/// Its derivative in x. 4 ulp, 6 without fma, but 1e-7 within 0.5 / beta of its sign change at
/// −1.28 / beta.
template <class V>
RECTIFY_INLINE V x_sigmoid_slope(V x, double beta) {
  const Logistic<V> s = logistic(x, beta);
  // 1 + z + t, where 1 + t is exact near the sign change, or 1 + z + t·z.
  const V w = fma(s.t, select(s.t < 0, V(1), s.z), V(1)) + s.z;
  const V square = fma(s.z, s.z + 2, V(1));  // (1 + z)², rounded less often
  return fade_left(s, w / square);
}

/// |x|, held where the normal distribution's tail is not yet 0, and e^(−a²/2) as power·2^n.
template <class V>
struct Normal {
  V a;
  Reduced<V> e;
  V power;
};
template <class V>
RECTIFY_INLINE Normal<V> normal(V x) {
  const V a = min(V(15), abs(x));
  const V square = a * a;
  const Reduced<V> e = reduce(square * -0.5f);
  // Half a unit in the last place of a² is a relative error of up to 64 in e^(−a²/2).
  return {a, e, exp_reduced(fma(product_error(a, a, square), V(-0.5f), e.r))};
}

/// (a + 2.5) Φ(−a) / e^(−a²/2) for s = a / (a + 2.5), 0 <= a <= 15: Mills' ratio but for factors
/// that make it tame (it falls from 1.25 to 0.45) and keep the error of its argument from growing.
template <class V>
RECTIFY_INLINE V mills(V s) {
  V g = fma(s, V(-0x1.46a746p-4f), V(0x1.1e3c16p-2f));
  g = fma(s, g, V(-0x1.408d66p-2f));
  g = fma(s, g, V(0x1.1a1ceap-3f));
  g = fma(s, g, V(-0x1.327a6ap-3f));
  g = fma(s, g, V(0x1.cae4d6p-5f));
  g = fma(s, g, V(0x1.2adf68p-2f));
  g = fma(s, g, V(0x1.5b5b14p-3f));
  g = fma(s, g, V(-0x1.3e4ef4p+0f));
  return fma(s, g, V(1.25f));
}

/// Φ(x). 4 ulp, 6 without fma.
template <class V>
RECTIFY_INLINE V normal_cdf(V x) {
  const Normal<V> v = normal(x);
  const V t = 1 / (v.a + 2.5f);
  const V tail = scale_down(v.power * t * mills(v.a * t), v.e);
  return select(x < 0, tail, 1 - tail);
}

/// x·Φ(x). 4 ulp, 6 without fma.
template <class V>
RECTIFY_INLINE V x_normal_cdf(V x) {
  const Normal<V> v = normal(x);
  const V s = v.a / (v.a + 2.5f);
  return max(V(0), x) - scale_down(s * v.power * mills(s), v.e);
}

/// Its derivative, Φ(x) + x·φ(x). 4 ulp, 6 without fma, but 1e-7 within 0.5 of the sign change at
/// −0.75.
template <class V>
RECTIFY_INLINE V x_normal_cdf_slope(V x) {
  const Normal<V> v = normal(x);
  const V t = 1 / (v.a + 2.5f);
  // Less φ(0)·a, in two parts because its rounding would show.
  const V low = fma(v.a, V(1.13351698e-8f), t * mills(v.a * t));
  const V ratio = fma(v.a, V(-0.3989422917f), low);
  const V tail = scale_down(v.power * ratio, v.e);
  return select(x < 0, tail, 1 - tail);
}

}  // namespace rectify::RECTIFY_ISA
