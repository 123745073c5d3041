#pragma once

// The functions that the rows of family.h are written in. They have the same names for every number
// type of a row. This header has them for double and long double, on top of the standard library;
// these give the definition. Where RECTIFY_ISA is defined, math_simd.h has them for vectors of
// floats. Rows call them unqualified.

#include <cmath>
#include <concepts>
#include <limits>
#include <type_traits>

#if defined(RECTIFY_ISA)
#include "rectify/activation/pieces_simd.h"
#endif

namespace rectify::activation {

/// a if m is true, else b.
template <std::floating_point T> constexpr T select(bool m, T a, T b) { return m ? a : b; }

/// a < b ? a : b, so b where either is a NaN; the same for max. Write max(bound, x) to keep a NaN
/// in x.
template <std::floating_point T> constexpr T min(T a, T b) { return a < b ? a : b; }
template <std::floating_point T> constexpr T max(T a, T b) { return a > b ? a : b; }

template <std::floating_point T> T abs(T x) { return std::fabs(x); }
template <std::floating_point T> T copysign(T magnitude, T sign) {
  return std::copysign(magnitude, sign);
}
template <std::floating_point T> T sqrt(T x) { return std::sqrt(x); }
/// The sine; 0 at ±∞, where it has no limit.
template <std::floating_point T> T sin(T x) { return std::isinf(x) ? T(0) : std::sin(x); }
template <std::floating_point T> T cos(T x) { return std::isinf(x) ? T(0) : std::cos(x); }
/// a·b + c.
template <std::floating_point T> T fma(T a, std::type_identity_t<T> b, std::type_identity_t<T> c) {
  return std::fma(a, b, c);
}
template <std::floating_point T> T exp(T x) { return std::exp(x); }
template <std::floating_point T> T expm1(T x) { return std::expm1(x); }
template <std::floating_point T> T tanh(T x) { return std::tanh(x); }

/// e^x and e^x − 1 for x <= 0. On vectors they are cheaper than exp and expm1.
template <std::floating_point T> T exp_negative(T x) { return std::exp(x); }
template <std::floating_point T> T expm1_negative(T x) { return std::expm1(x); }

/// ln(1 + x) for x in [0, 1]. Rows need no other range, and on vectors it is a short polynomial.
template <std::floating_point T> T log1p_unit(T x) { return std::log1p(x); }

/// 1 / (1 + e^−x), accurate to the last bits in both tails.
template <std::floating_point T> T sigmoid(T x) {
  const T z = std::exp(-std::fabs(x));
  return (x < 0 ? z : T(1)) / (1 + z);
}

/// a·e^x for x <= 0; e^(x/a) and a·(e^(x/a) − 1) for x <= 0 and a > 0.
template <std::floating_point T> T exp_negative_times(T x, double a) {
  return static_cast<T>(a) * std::exp(x);
}
template <std::floating_point T> T exp_negative_over(T x, double a) {
  return std::exp(x / static_cast<T>(a));
}
template <std::floating_point T> T scaled_expm1_negative(T x, double a) {
  return static_cast<T>(a) * std::expm1(x / static_cast<T>(a));
}

/// sigmoid(x − c) and its derivative, without a rounding error in x − c.
template <std::floating_point T> T sigmoid_shifted(T x, double c) {
  return sigmoid(x - static_cast<T>(c));
}
template <std::floating_point T> T sigmoid_slope_shifted(T x, double c) {
  const T z = std::exp(-std::fabs(x - static_cast<T>(c)));
  return z / ((1 + z) * (1 + z));
}

/// x·sigmoid(beta·x) for a beta of any sign, and its derivatives in x and in beta. Where beta·x is
/// −∞, the value is the limit 0.
template <std::floating_point T> T x_sigmoid_at(T x, T beta) {
  const T t = beta == 0 && x == x ? T(0) : beta * x;
  return t == -std::numeric_limits<T>::infinity() ? T(0) : x * sigmoid(t);
}
template <std::floating_point T> T x_sigmoid_slope_at(T x, T beta) {
  const T t = beta == 0 && x == x ? T(0) : beta * x;
  if (std::isinf(t)) return t > 0 ? T(1) : T(0);
  const T z = std::exp(-std::fabs(t)), d = 1 + z;
  return t < 0 ? z * (d + t) / (d * d) : (d + t * z) / (d * d);
}
template <std::floating_point T> T x_sigmoid_in_beta(T x, T beta) {
  const T t = beta == 0 && x == x ? T(0) : beta * x;
  if (std::isinf(t)) return 0;
  const T z = std::exp(-std::fabs(t)), d = 1 + z;
  return x * (z / (d * d)) * x;
}

/// The first two for one constant beta > 0. On vectors they use all digits of a double beta.
template <std::floating_point T> T x_sigmoid(T x, double beta) {
  return x_sigmoid_at(x, static_cast<T>(beta));
}
template <std::floating_point T> T x_sigmoid_slope(T x, double beta) {
  return x_sigmoid_slope_at(x, static_cast<T>(beta));
}

/// Φ(x), the distribution function of the standard normal distribution, and φ(x), its density.
template <std::floating_point T> T normal_cdf(T x) {
  return std::erfc(-x * static_cast<T>(0.70710678118654752440084436210485L)) / 2;
}
template <std::floating_point T> T normal_pdf(T x) {
  return std::exp(-x * x / 2) * static_cast<T>(0.39894228040143267793994605993438L);
}

/// x·Φ(x) and its derivative. At −∞ the value is the limit 0.
template <std::floating_point T> T x_normal_cdf(T x) {
  return x == -std::numeric_limits<T>::infinity() ? T(0) : x * normal_cdf(x);
}
template <std::floating_point T> T x_normal_cdf_slope(T x) {
  if (std::isinf(x)) return x > 0 ? T(1) : T(0);
  return normal_cdf(x) + x * normal_pdf(x);
}

/// gelu's approximation by tanh: x·(1 + tanh(u)) / 2 with u = √(2/π)·(x + 0.044715·x³), and its
/// derivative. At −∞ the value is the limit 0. (1 + tanh(u)) / 2 is computed as sigmoid(2u), which
/// has no cancellation on the left.
template <std::floating_point T>
constexpr T gelu_tanh_linear = static_cast<T>(1.5957691216057307117597842397375L);  // 2·√(2/π)
template <std::floating_point T>
constexpr T gelu_tanh_cubic = static_cast<T>(0.044715L) * gelu_tanh_linear<T>;
template <std::floating_point T> T x_normal_cdf_by_tanh(T x) {
  if (std::isinf(x)) return x > 0 ? x : T(0);
  return x * sigmoid(x * (gelu_tanh_linear<T> + gelu_tanh_cubic<T> * x * x));
}
template <std::floating_point T> T x_normal_cdf_by_tanh_slope(T x) {
  if (std::fabs(x) > 1000) return x > 0 ? T(1) : T(0);
  const T t = x * (gelu_tanh_linear<T> + gelu_tanh_cubic<T> * x * x);
  const T slope = gelu_tanh_linear<T> + 3 * gelu_tanh_cubic<T> * x * x;
  const T s = sigmoid(t);
  return s + x * slope * s * sigmoid(-t);
}

/// x·tanh(softplus(x)) and its derivative. At −∞ the value is the limit 0.
template <std::floating_point T> T x_tanh_softplus(T x) {
  if (x == -std::numeric_limits<T>::infinity()) return 0;
  return x * std::tanh(x > 100 ? x : std::log1p(std::exp(x)));
}
template <std::floating_point T> T x_tanh_softplus_slope(T x) {
  if (std::fabs(x) > 10000) return x > 0 ? T(1) : T(0);
  const T y = std::tanh(x > 100 ? x : std::log1p(std::exp(x)));
  return y + x * (1 - y * y) * sigmoid(x);
}

}  // namespace rectify::activation
