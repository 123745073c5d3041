#pragma once

// The functions that the rows of family.h are written in, under the same names for every number
// type that a row is evaluated with: double and long double here, on the standard library, as the
// oracle; and, where RECTIFY_ISA is defined, vectors of floats in math_simd.h. A row calls them
// unqualified.

#include <cmath>
#include <concepts>
#include <limits>

#if defined(RECTIFY_ISA)
#include "rectify/activation/math_simd.h"
#endif

namespace rectify::activation {

/// a if m, else b.
template <std::floating_point T>
constexpr T select(bool m, T a, T b) {
  return m ? a : b;
}

/// a < b ? a : b, so b where either is a NaN; max likewise. Write max(bound, x) to let NaN through.
template <std::floating_point T>
constexpr T min(T a, T b) {
  return a < b ? a : b;
}
template <std::floating_point T>
constexpr T max(T a, T b) {
  return a > b ? a : b;
}

template <std::floating_point T>
T abs(T x) {
  return std::fabs(x);
}
template <std::floating_point T>
T copysign(T magnitude, T sign) {
  return std::copysign(magnitude, sign);
}
template <std::floating_point T>
T exp(T x) {
  return std::exp(x);
}
template <std::floating_point T>
T expm1(T x) {
  return std::expm1(x);
}
template <std::floating_point T>
T tanh(T x) {
  return std::tanh(x);
}

/// e^x and e^x − 1 for x <= 0: cheaper than exp and expm1 on vectors.
template <std::floating_point T>
T exp_negative(T x) {
  return std::exp(x);
}
template <std::floating_point T>
T expm1_negative(T x) {
  return std::expm1(x);
}

/// ln(1 + x) for x in [0, 1]: no more is needed, and on vectors it is a short polynomial.
template <std::floating_point T>
T log1p_unit(T x) {
  return std::log1p(x);
}

/// 1 / (1 + e^−x), to the last bits in both tails.
template <std::floating_point T>
T sigmoid(T x) {
  const T z = std::exp(-std::fabs(x));
  return (x < 0 ? z : T(1)) / (1 + z);
}

/// x·sigmoid(beta·x) for beta > 0, its limit 0 at −∞, and the derivative in x.
template <std::floating_point T>
T x_sigmoid(T x, double beta) {
  return x == -std::numeric_limits<T>::infinity() ? T(0) : x * sigmoid(static_cast<T>(beta) * x);
}
template <std::floating_point T>
T x_sigmoid_slope(T x, double beta) {
  if (std::isinf(x)) return x > 0 ? T(1) : T(0);
  const T t = static_cast<T>(beta) * x, z = std::exp(-std::fabs(t)), d = 1 + z;
  return t < 0 ? z * (d + t) / (d * d) : (d + t * z) / (d * d);
}

/// Φ(x), the distribution function of the standard normal; φ(x), its density.
template <std::floating_point T>
T normal_cdf(T x) {
  return std::erfc(-x * static_cast<T>(0.70710678118654752440084436210485L)) / 2;
}
template <std::floating_point T>
T normal_pdf(T x) {
  return std::exp(-x * x / 2) * static_cast<T>(0.39894228040143267793994605993438L);
}

/// x·Φ(x), its limit 0 at −∞, and the derivative.
template <std::floating_point T>
T x_normal_cdf(T x) {
  return x == -std::numeric_limits<T>::infinity() ? T(0) : x * normal_cdf(x);
}
template <std::floating_point T>
T x_normal_cdf_slope(T x) {
  if (std::isinf(x)) return x > 0 ? T(1) : T(0);
  return normal_cdf(x) + x * normal_pdf(x);
}

}  // namespace rectify::activation
