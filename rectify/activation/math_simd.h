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
template <class V> struct Reduced {
  V r, n;
  V shifted;  ///< its lowest bits are the exponent field of 2^n
};
/// times·t for |t| < 2^21, where r is still to be multiplied by `times`, a power of two.
template <class V> RECTIFY_INLINE Reduced<V> reduce(V t, float times = 1) {
  const V shift = 0x1.8p23f + 127;  // adding it rounds to a whole number
  const V shifted = fma(t, V(1.44269504f * times), shift);
  const V n = shifted - shift;
  // ln 2 in two parts; the first has 9 bits, so that n times it is exact without fma too.
  const V r = fma(n, V(-0.693359375f / times), t);
  return {fma(n, V(2.12194440e-4f / times), r), n, shifted};
}

template <class V> RECTIFY_INLINE V power_of_two(const Reduced<V>& x) {
  return power_of_two(x.n, x.shifted);
}
template <class V> RECTIFY_INLINE V scale_down(V v, const Reduced<V>& x) {
  return scale_down(v, x.n, x.shifted);
}

/// q in e^tr = 1 + t·r + r²·q for |t·r| <= ln 2 / 2 and t = `times`, a power of two; with it both
/// e^tr and e^tr − 1 are within 2^-26.
template <class V> RECTIFY_INLINE V exp_rest(V r, float times = 1) {
  const float t = times, square = t * t;
  V q = fma(r, V(0x1.6bebe8p-10f * square * square * square),
            V(0x1.1227f8p-7f * square * square * t));
  q = fma(r, q, V(0x1.555674p-5f * square * square));
  q = fma(r, q, V(0x1.5554b0p-3f * square * t));
  return fma(r, q, V(0x1.fffffep-2f * square));
}

/// e^r for |r| <= ln 2 / 2, rounded little more than once.
template <class V> RECTIFY_INLINE V exp_reduced_closely(V r) {
  return V(1) + fma(r * r, exp_rest(r), r);
}

/// e^r for |r| <= ln 2 / 2. Callers multiply by 2^n, and where they multiply by more, they do so
/// first: a result that is denormal, or whose factors are, is then rounded once.
template <class V> RECTIFY_INLINE V exp_reduced(V r) {
#if defined(RECTIFY_SIMD_FMA)
  return fma(r, fma(r, exp_rest(r), V(1)), V(1));
#else
  return exp_reduced_closely(r);  // without fma, each of the roundings above would be two
#endif
}

/// e^x: inf from 88.73 on, 0 below −103.98. 2 ulp.
template <class V> RECTIFY_INLINE V exp(V x) {
  const Reduced<V> t = reduce(max(V(-105), min(V(90), x)));
  return scale(exp_reduced(t.r), t.n);
}

/// e^x for x <= 0. 2 ulp.
template <class V> RECTIFY_INLINE V exp_negative(V x) {
  const Reduced<V> t = reduce(max(V(-105), x));
  return scale_down(exp_reduced(t.r), t);
}

/// a·e^x for x <= 0 and a < 2^20, rounded once where it is denormal. 3 ulp.
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

/// 3 ulp.
template <class V> RECTIFY_INLINE V tanh(V x) {
  // e = e^−2|x| − 1; the factor 2 costs nothing in the constants.
  const Reduced<V> t = reduce(max(V(-15), minus_abs(x)), 2);
  const V s = power_of_two(t), rest = t.r * fma(t.r, exp_rest(t.r, 2), V(2));
  const V e = fma(s, rest, s - 1);
  return copysign(e / (e + 2), x);
}

/// 3 ulp.
template <class V> RECTIFY_INLINE V sigmoid(V x) {
  const V z = exp_negative(minus_abs(x));
  return select(x < 0, z, V(1)) / (z + 1);
}

/// x / a for x <= 0 as n·ln 2 + r. Half a unit in the last place of the quotient would be a
/// relative error of up to 64 in its exponential: what is lost is kept.
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

/// −|x − c| as n·ln 2 + r, without the rounding of x − c (Knuth's exact sum).
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
  // x less the nearest k·π, of which the first two parts have so few bits that k times them is
  // exact; then Taylor's series.
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

/// What x·sigmoid(beta·x) and its derivative share.
template <class V> struct Logistic {
  V x;           ///< not below where all is 0
  V t;           ///< beta·x, held where e^−|t| matters; of t's sign, for gelu_tanh
  Reduced<V> e;  ///< −|t|
  V power, z;    ///< e^e.r and e^−|t|
};
template <class V> RECTIFY_INLINE Logistic<V> logistic(V x, double beta) {
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
  const V power = exp_reduced_closely(e.r);
  return {low_bounded, t, e, power, scale_down(power, e)};
}

/// v·e^−|t| where t < 0, v elsewhere.
template <class V> RECTIFY_INLINE V fade_left(const Logistic<V>& s, V v) {
  const auto left = s.t < 0;
#if defined(RECTIFY_SIMD_AVX512)
  const V faded = select(left, v * s.power, v);  // both of these are one masked instruction
  return select(left, scale(faded, s.e.n), faded);
#else
  return select(left, scale_down(v * s.power, s.e), v);
#endif
}

/// x·sigmoid(beta·x), beta > 0. 4 ulp.
template <class V> RECTIFY_INLINE V x_sigmoid(V x, double beta) {
  const Logistic<V> s = logistic(x, beta);
  return fade_left(s, s.x / (s.z + 1));
}

/// Its derivative in x. 4 ulp, but 1e-7 within 0.5 / beta of its sign change at
/// −1.28 / beta.
template <class V> RECTIFY_INLINE V x_sigmoid_slope(V x, double beta) {
  const Logistic<V> s = logistic(x, beta);
  // 1 + z + t, where 1 + t is exact near the sign change, or 1 + z + t·z.
  const V w = fma(s.t, select(s.t < 0, V(1), s.z), V(1)) + s.z;
  const V square = fma(s.z, s.z + 2, V(1));  // (1 + z)², rounded less often
  return fade_left(s, w / square);
}

/// What x·sigmoid(beta·x) and its derivatives share for a beta that varies, of any sign. Its x is 0
/// where t is beyond ±120, so that nothing infinite is multiplied by what has become 0.
template <class V> RECTIFY_INLINE Logistic<V> logistic_at(V x, V beta) {
  // 0 times an infinity is 0 here, and only a NaN stays one.
  const V product = select(beta == 0, max(V(-1), min(V(1), x)), x) * beta;
  const V t = max(V(-120), min(V(120), product));
  // What the product lost; where it is not that small, x or beta is so large that it is not known.
  const V error = product_error(x, beta, product);
  const V t_low = select(abs(error) < 1e-3f, error, V(0));
  Reduced<V> e = reduce(minus_abs(t));
  e.r = e.r + select(t < 0, t_low, -t_low);
  const V power = exp_reduced_closely(e.r);
  return {select(abs(product) > 120, V(0), x), t, e, power, scale_down(power, e)};
}

/// x·sigmoid(beta·x). 6 ulp.
template <class V> RECTIFY_INLINE V x_sigmoid_at(V x, V beta) {
  const Logistic<V> s = logistic_at(x, beta);
  return fade_left(s, select(s.t < 120, s.x, x) / (s.z + 1));
}

/// Its derivative in x, as x_sigmoid_slope.
template <class V> RECTIFY_INLINE V x_sigmoid_slope_at(V x, V beta) {
  const Logistic<V> s = logistic_at(x, beta);
  const V w = fma(s.t, select(s.t < 0, V(1), s.z), V(1)) + s.z;
  return fade_left(s, w / fma(s.z, s.z + 2, V(1)));
}

/// Its derivative in beta, x²·sigmoid(beta·x)·sigmoid(−beta·x). 6 ulp.
template <class V> RECTIFY_INLINE V x_sigmoid_in_beta(V x, V beta) {
  const Logistic<V> s = logistic_at(x, beta);
  return s.x * (s.z / fma(s.z, s.z + 2, V(1))) * s.x;
}

/// a + b·v for the square v = v + v_low in two parts, where a and b are such too and the first part
/// of a has so few bits that what is left of it beside the sum is exact.
template <class V> struct Two { V high, low; };
template <class V>
RECTIFY_INLINE Two<V> line(Two<V> v, float a, float a_low, float b, float b_low) {
  const V high = fma_once(v.high, V(b), V(a));
  const V lost = fma_once(v.high, V(b), V(a) - high);
  return {high, lost + fma(v.low, V(b), fma(v.high, V(b_low), V(a_low)))};
}

/// sigmoid's argument in gelu_tanh is x·(linear + 0.044715·linear·x²), linear = 2·√(2/π); as the
/// first part of two it has so few bits that line() is exact.
inline constexpr float gelu_linear = 1.595703125f, gelu_linear_low = 6.59966057e-05f;

/// What gelu_tanh and its derivative share, but for the bounds of x: `bounded` is x within [−11,
/// 11] and a is −|bounded|. What the argument's roundings took is kept, as in logistic.
template <class V> RECTIFY_INLINE Logistic<V> logistic_of_cubic(V x, V bounded, V a, V square) {
  const Two<V> squares = {square, product_error(a, a, square)};
  const Two<V> factor = line(squares, gelu_linear, gelu_linear_low, 0.0713548139f, 2.3988324e-09f);
  const V t = a * factor.high;
  Reduced<V> e = reduce(t);
  e.r = e.r + fma(a, factor.low, product_error(a, factor.high, t));
  const V power = exp_reduced_closely(e.r);
  return {x, bounded, e, power, scale_down(power, e)};
}

/// x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2. 4 ulp.
template <class V> RECTIFY_INLINE V x_normal_cdf_by_tanh_closed(V x) {
  const V a = -bounded_abs(x, V(11));
  const Logistic<V> s = logistic_of_cubic(max(V(-11), x), x, a, a * a);
  return fade_left(s, s.x / (s.z + 1));
}

/// Its derivative in x. 5 ulp, but 1e-7 within 0.5 of its sign change at −0.75.
template <class V> RECTIFY_INLINE V x_normal_cdf_by_tanh_slope_closed(V x) {
  const V bounded = min(V(11), max(V(-11), x)), square = bounded * bounded;
  const Logistic<V> s = logistic_of_cubic(bounded, bounded, minus_abs(bounded), square);
  const V slope = fma(square, V(0.214064449f), V(gelu_linear));  // dt/dx, but for linear's low part
  const V factor = bounded * select(bounded < 0, V(1), s.z);
  const V w = fma_once(factor, slope, fma(factor, V(gelu_linear_low), s.z) + 1);
  return fade_left(s, w / fma_once(s.z, s.z + 2, V(1)));
}

/// The denominator that tanh(softplus(x)) and its derivative share: with z = e^−|x| the former is
/// z·(z + 2) / (z² + 2z + 2) on the left and (1 + 2z) / (1 + 2z + 2z²) on the right.
template <class V> RECTIFY_INLINE V mish_denominator(const Logistic<V>& s) {
  const auto left = s.t < 0;
  return fma(s.z, select(left, s.z + 2, s.z + s.z), select(left, V(2), fma(s.z, V(2), V(1))));
}

/// x·tanh(softplus(x)). 4 ulp.
template <class V> RECTIFY_INLINE V x_tanh_softplus_closed(V x) {
  const Logistic<V> s = logistic(x, 1);
  // The fractions, but for the factor z on the left, as 1 less something small: fewer roundings.
  const V rest = s.z * select(s.t < 0, s.z + 1, s.z + s.z) / mish_denominator(s);
  return fade_left(s, s.x * (1 - rest));
}

/// Its derivative. 4.5 ulp, but 1e-7 within 0.5 of its sign change at −1.19.
template <class V> RECTIFY_INLINE V x_tanh_softplus_slope(V x) {
  const Logistic<V> s = logistic(x, 1);
  const V z = s.z;
  // A cubic in z over the denominator's square, both with the coefficients mirrored on the right;
  // 4 + 4x is exact near the sign change.
  const auto left = s.t < 0;
  const V one = select(left, V(1), V(4)), four = select(left, V(4), V(1));
  const V a = 4 * (s.t + 1), b = fma_once(V(4), s.t, V(6));
  V w = fma_once(z, select(left, V(1), a), select(left, V(4), b));
  w = fma_once(z, w, select(left, b, V(4)));
  w = fma_once(z, w, select(left, a, V(1)));
  V square = fma_once(z, one, select(left, V(4), V(8)));
  square = fma_once(z, square, V(8));
  square = fma_once(z, square, select(left, V(8), V(4)));
  return fade_left(s, w / fma_once(z, square, four));
}

/// |x|, held where the normal distribution's tail is not yet 0, and e^(−a²/2) as power·2^n.
template <class V> struct Normal {
  V a;
  Reduced<V> e;
  V power;
};
template <class V> RECTIFY_INLINE Normal<V> normal(V x) {
  const V a = min(V(15), abs(x));
  const V square = a * a;
  const Reduced<V> e = reduce(square * -0.5f);
  // Half a unit in the last place of a² is a relative error of up to 64 in e^(−a²/2).
  return {a, e, exp_reduced_closely(fma(product_error(a, a, square), V(-0.5f), e.r))};
}

/// (a + 2.5) Φ(−a) / e^(−a²/2) for s = a / (a + 2.5), 0 <= a <= 15: Mills' ratio but for factors
/// that make it tame (it falls from 1.25 to 0.45) and keep the error of its argument from growing;
/// and what the last of its roundings took.
template <class V> RECTIFY_INLINE Two<V> mills(V s) {
  const V u = s - 0.421875f;  // from here the later terms are small, and so are their roundings
  V g = fma(u, V(-0x1.4a799ep-4f), V(-0x1.798a3p-6f));
  g = fma(u, g, V(0x1.ea4d48p-4f));
  g = fma(u, g, V(0x1.a6dcfap-4f));
  g = fma(u, g, V(-0x1.d2ca7cp-4f));
  g = fma(u, g, V(-0x1.d50988p-3f));
  g = fma(u, g, V(0x1.35d06ep-3f));
  g = fma_once(u, g, V(0x1.00b204p-1f));
  g = fma_once(u, g, V(-0x1.e564dcp-1f));
  const V first = 0x1.8e2166p-1f, high = fma_once(u, g, first);
  return {high, fma_once(u, g, first - high)};
}

/// Φ(x). 4 ulp.
template <class V> RECTIFY_INLINE V normal_cdf(V x) {
  const Normal<V> v = normal(x);
  const V t = 1 / (v.a + 2.5f);
  const V tail = scale_down(v.power * t * mills(v.a * t).high, v.e);
  return select(x < 0, tail, 1 - tail);
}

/// x·Φ(x). 4 ulp.
template <class V> RECTIFY_INLINE V x_normal_cdf_closed(V x) {
  const V a = bounded_abs(x, V(15)), square = a * a;
  Reduced<V> e = reduce(square, -0.5f);
  e.r = e.r + product_error(a, a, square);                     // as in normal()
  const V p = e.r * fma(e.r, exp_rest(e.r, -0.5f), V(-0.5f));  // e^(−e.r/2) − 1
  const V s = a / (a + 2.5f), m = s * mills(s).high;
  return max(V(0), x) - scale_down(fma(m, p, m), e);
}

/// Its derivative, Φ(x) + x·φ(x). 4 ulp, but 1e-7 within 0.5 of the sign change at
/// −0.75.
template <class V> RECTIFY_INLINE V x_normal_cdf_slope_closed(V x) {
  const Normal<V> v = normal(x);
  const V t = 1 / (v.a + 2.5f);
  const Two<V> m = mills(v.a * t);
  // Less φ(0)·a, in two parts because its rounding would show.
  const V low = fma(t, m.high, fma(t, m.low, v.a * 1.13351698e-8f));
  const V ratio = fma_once(v.a, V(-0.3989422917f), low);
  const V tail = scale_down(v.power * ratio, v.e);
  return select(x < 0, tail, 1 - tail);
}

}  // namespace rectify::RECTIFY_ISA
