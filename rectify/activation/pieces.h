#pragma once

// Functions as 32 short polynomials. These are so few that AVX-512 keeps their coefficients in
// registers, and picks each lane's coefficient with one instruction. They reach up to 5 to 7,
// which is enough in practice; beyond that, math_simd.h has closed forms, at twice the cost. All
// but one are functions of a = |x|.

#include <cstddef>

namespace rectify::activation {

inline constexpr std::size_t piece_count = 32, piece_terms = 8;

/// f(a) for low() <= a <= reach(): with k = round(a·scale) and t = a·scale − k, the sum of
/// coefficient[j][k mod 32]·t^j.
struct Pieces {
  float scale;  ///< pieces in one unit of a
  int first;    ///< the lowest k
  alignas(64) float coefficient[piece_terms][piece_count];

  /// The smallest a that is rounded to the first piece, and the largest that is rounded to the
  /// last.
  constexpr float low() const { return (static_cast<float>(first) - 0.49f) / scale; }
  constexpr float reach() const {
    return (static_cast<float>(first) + static_cast<float>(piece_count) - 0.51f) / scale;
  }
};

/// Interpolates f at the Chebyshev points of every piece. Where f falls by less than the factor
/// e^1.6 over a piece, the relative error is below 2^-25 before the coefficients are rounded.
template <class F> consteval Pieces pieces_of(F f, float scale, int first = 0) {
  // cos((2j + 1)·π / 16) / 2: where the polynomial of degree 8 that is small on [−½, ½] is 0.
  constexpr long double quarter[] = {0.49039264020161522456L, 0.41573480615127261854L,
                                     0.27778511650980111237L, 0.09754516100806413392L};
  Pieces pieces = {scale, first, {}};
  for (int k = first; k < first + static_cast<int>(piece_count); ++k) {
    long double t[piece_terms], newton[piece_terms], power[piece_terms] = {};
    for (std::size_t j = 0; j < piece_terms; ++j) {
      t[j] = j < 4 ? -quarter[j] : quarter[7 - j];
      newton[j] = f((static_cast<long double>(k) + t[j]) / scale);
    }
    for (std::size_t order = 1; order < piece_terms; ++order) {
      for (std::size_t j = piece_terms - 1; j >= order; --j) {
        newton[j] = (newton[j] - newton[j - 1]) / (t[j] - t[j - order]);
      }
    }
    for (std::size_t n = piece_terms; n-- > 0;) {  // power = power·(x − t[n]) + newton[n]
      for (std::size_t j = piece_terms - 1; j > 0; --j) power[j] = power[j - 1] - power[j] * t[n];
      power[0] = newton[n] - power[0] * t[n];
    }
    for (std::size_t j = 0; j < piece_terms; ++j) {
      pieces.coefficient[j][static_cast<std::size_t>(k) % piece_count] =
          static_cast<float>(power[j]);
    }
  }
  return pieces;
}

/// e^x for −100 < x <= 0, at compile time.
consteval long double exp_at_compile_time(long double x) {
  const long double r = x / 1024;
  long double term = 1, sum = 1;
  for (int k = 1; k < 20; ++k) sum += term *= r / k;
  for (int k = 0; k < 10; ++k) sum *= sum;
  return sum;
}

/// φ(a), the density of the normal distribution, and 1 − Φ(a), its tail above a.
consteval long double normal_density(long double a) {
  return 0.398942280401432677939946L * exp_at_compile_time(-a * a / 2);
}
consteval long double normal_tail(long double a) {
  if (a < 3) {  // Marsaglia 2004: Φ(a) − ½ = φ(a)·(a + a³/3 + a⁵/15 + ...)
    long double term = a, sum = a;
    for (int k = 3; k < 90; k += 2) sum += term *= a * a / k;
    return 0.5L - normal_density(a) * sum;
  }
  long double ratio = a;  // Laplace's continued fraction
  for (int k = 150; k > 0; --k) ratio = a + k / ratio;
  return normal_density(a) / ratio;
}

/// In gelu_tanh the argument of sigmoid is x·(linear + cubic·x²).
inline constexpr long double tanh_linear = 1.5957691216057307117597842397375L;  // 2·√(2/π)
inline constexpr long double tanh_cubic = 0.044715L * tanh_linear;
consteval long double normal_tail_by_tanh(long double a) {
  const long double z = exp_at_compile_time(-a * (tanh_linear + tanh_cubic * a * a));
  return z / (1 + z);
}

/// The tails with which gelu and gelu_tanh multiply |x|, and the derivatives of gelu and gelu_tanh
/// at −a.
inline constexpr Pieces normal_tail_pieces = pieces_of(
    [](long double a) consteval { return normal_tail(a); }, 4.5f);
inline constexpr Pieces gelu_slope_pieces = pieces_of(
    [](long double a) consteval { return normal_tail(a) - a * normal_density(a); }, 4.5f);
inline constexpr Pieces normal_tail_by_tanh_pieces = pieces_of(
    [](long double a) consteval { return normal_tail_by_tanh(a); }, 5.75f);
inline constexpr Pieces gelu_tanh_slope_pieces = pieces_of(
    [](long double a) consteval {
      const long double s = normal_tail_by_tanh(a), slope = tanh_linear + 3 * tanh_cubic * a * a;
      return s * (1 - a * slope * (1 - s));
    },
    5.75f);

/// tanh(softplus(x)), with which mish multiplies x, on both sides of 0. Above reach() it is 1.
consteval long double tanh_softplus(long double x) {
  const long double z = exp_at_compile_time(x < 0 ? x : -x);
  return x < 0 ? z * (z + 2) / (z * (z + 2) + 2) : (1 + 2 * z) / (1 + 2 * z + 2 * z * z);
}
inline constexpr Pieces tanh_softplus_pieces = pieces_of(
    [](long double x) consteval { return tanh_softplus(x); }, 1.8f, -14);

}  // namespace rectify::activation
