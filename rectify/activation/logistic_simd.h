#pragma once

// Products of x and a sigmoid: swish (with a fixed or a varying beta), gelu_tanh and mish.
// math_simd.h explains the error bounds.

#include "rectify/activation/elementary_simd.h"

namespace rectify::RECTIFY_ISA {

/// The common parts of x·sigmoid(beta·x) and of its derivative.
template <class V> struct Logistic {
  V x;  ///< x, but not below the point where the result is 0
  V t;  ///< beta·x, bounded where e^−|t| no longer matters; for gelu_tanh only the sign counts
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
    // Half a unit in the last place of t is a relative error of up to 64 in e^t, so the rounding
    // error of t is kept.
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

/// The common parts of x·sigmoid(beta·x) and its derivatives, for a beta that varies and has any
/// sign. Where t is beyond ±120, the returned x is 0, so that an infinity is never multiplied by a
/// factor that has become 0.
template <class V> RECTIFY_INLINE Logistic<V> logistic_at(V x, V beta) {
  // Here 0 times an infinity is 0; only a NaN stays a NaN.
  const V product = select(beta == 0, max(V(-1), min(V(1), x)), x) * beta;
  const V t = max(V(-120), min(V(120), product));
  // The rounding error of the product. Where it is not small, x or beta is too large to know it.
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

/// Its derivative in x, with the error bound of x_sigmoid_slope().
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

/// a + b·v for the square v = v + v_low in two parts; a and b are in two parts too. The first part
/// of a has so few bits that the remainder beside the sum is exact.
template <class V>
RECTIFY_INLINE Two<V> line(Two<V> v, float a, float a_low, float b, float b_low) {
  const V high = fma_once(v.high, V(b), V(a));
  const V lost = fma_once(v.high, V(b), V(a) - high);
  return {high, lost + fma(v.low, V(b), fma(v.high, V(b_low), V(a_low)))};
}

/// The argument of sigmoid in gelu_tanh is x·(linear + 0.044715·linear·x²) with linear = 2·√(2/π).
/// linear is in two parts; the first has so few bits that line() is exact.
inline constexpr float gelu_linear = 1.595703125f, gelu_linear_low = 6.59966057e-05f;

/// The common parts of gelu_tanh and its derivative, except for the bounds of x. `bounded` is x
/// within [−11, 11], and a is −|bounded|. The rounding errors of the argument are kept, as in
/// logistic().
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
  const V slope = fma(square, V(0.214064449f), V(gelu_linear));  // dt/dx without linear's low part
  const V factor = bounded * select(bounded < 0, V(1), s.z);
  const V w = fma_once(factor, slope, fma(factor, V(gelu_linear_low), s.z) + 1);
  return fade_left(s, w / fma_once(s.z, s.z + 2, V(1)));
}

/// The common denominator of tanh(softplus(x)) and of its derivative. With z = e^−|x|,
/// tanh(softplus(x)) is z·(z + 2) / (z² + 2z + 2) on the left and (1 + 2z) / (1 + 2z + 2z²) on the
/// right.
template <class V> RECTIFY_INLINE V mish_denominator(const Logistic<V>& s) {
  const auto left = s.t < 0;
  return fma(s.z, select(left, s.z + 2, s.z + s.z), select(left, V(2), fma(s.z, V(2), V(1))));
}

/// x·tanh(softplus(x)). 4 ulp.
template <class V> RECTIFY_INLINE V x_tanh_softplus_closed(V x) {
  const Logistic<V> s = logistic(x, 1);
  // The fractions (without the factor z on the left) as 1 − something small, which rounds less
  // often.
  const V rest = s.z * select(s.t < 0, s.z + 1, s.z + s.z) / mish_denominator(s);
  return fade_left(s, s.x * (1 - rest));
}

/// Its derivative. 4.5 ulp, but 1e-7 within 0.5 of its sign change at −1.19.
template <class V> RECTIFY_INLINE V x_tanh_softplus_slope(V x) {
  const Logistic<V> s = logistic(x, 1);
  const V z = s.z;
  // A cubic in z over the square of the denominator. On the right, both have mirrored coefficients.
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

}  // namespace rectify::RECTIFY_ISA
