#pragma once

// gelu, gelu_tanh and mish. They use the polynomials of pieces.h where there are enough registers,
// and the closed forms of math_simd.h elsewhere and in the far left tail. Rows find these functions
// by argument-dependent lookup.

#include "rectify/activation/math_simd.h"
#include "rectify/activation/pieces.h"

namespace rectify::RECTIFY_ISA {

using activation::Pieces;

/// The value of a function of pieces.h at a, for low() <= a <= reach().
template <class V> RECTIFY_INLINE V evaluate(const Pieces& pieces, V a) {
  const V shift = 0x1.8p23f,
          shifted = fma(a, V(pieces.scale), shift);  // its lowest bits: the piece
  const V t = fma(a, V(pieces.scale), shift - shifted);
  V sum = pick(pieces.coefficient[activation::piece_terms - 1], shifted);
  for (std::size_t j = activation::piece_terms - 1; j-- > 0;) {
    sum = fma(t, sum, pick(pieces.coefficient[j], shifted));
  }
  return sum;
}

/// `near`, but closed(x) in the lanes where x < −reach. Mostly there are no such lanes.
template <class V, class F> RECTIFY_INLINE V unless_below(V x, float reach, V near, F closed) {
  const auto beyond = x < -reach;
  if (!any(beyond)) [[likely]]
    return near;
  return select(beyond, closed(x), near);
}

/// max(0, x) − |x|·tail(|x|).
template <class V, class F>
RECTIFY_INLINE V value_by_pieces(V x, [[maybe_unused]] const Pieces& tail, F closed) {
#if defined(RECTIFY_SIMD_AVX512)
  const V a = bounded_abs(x, V(tail.reach()));
  return unless_below(x, tail.reach(), max(V(0), x) - a * evaluate(tail, a), closed);
#else
  return closed(x);
#endif
}

/// The derivative of such a function. It is left(|x|) at −|x|, and 1 − left(|x|) at |x|.
template <class V, class F>
RECTIFY_INLINE V slope_by_pieces(V x, [[maybe_unused]] const Pieces& left, F closed) {
#if defined(RECTIFY_SIMD_AVX512)
  const V slope = evaluate(left, min(V(left.reach()), abs(x)));
  return unless_below(x, left.reach(), select(x < 0, slope, 1 - slope), closed);
#else
  return closed(x);
#endif
}

/// x·Φ(x). 4 ulp.
template <class V> RECTIFY_INLINE V x_normal_cdf(V x) {
  return value_by_pieces(x, activation::normal_tail_pieces,
                         [](V v) { return x_normal_cdf_closed(v); });
}

/// Its derivative, Φ(x) + x·φ(x). 4 ulp, but 1e-7 within 0.5 of the sign change at −0.75.
template <class V> RECTIFY_INLINE V x_normal_cdf_slope(V x) {
  return slope_by_pieces(x, activation::gelu_slope_pieces,
                         [](V v) { return x_normal_cdf_slope_closed(v); });
}

/// x·(1 + tanh(√(2/π)·(x + 0.044715·x³))) / 2. 4 ulp.
template <class V> RECTIFY_INLINE V x_normal_cdf_by_tanh(V x) {
  return value_by_pieces(x, activation::normal_tail_by_tanh_pieces,
                         [](V v) { return x_normal_cdf_by_tanh_closed(v); });
}

/// Its derivative in x. 5 ulp, but 1e-7 within 0.5 of its sign change at −0.75.
template <class V> RECTIFY_INLINE V x_normal_cdf_by_tanh_slope(V x) {
  return slope_by_pieces(x, activation::gelu_tanh_slope_pieces,
                         [](V v) { return x_normal_cdf_by_tanh_slope_closed(v); });
}

/// x·tanh(softplus(x)). 4 ulp.
template <class V> RECTIFY_INLINE V x_tanh_softplus(V x) {
#if defined(RECTIFY_SIMD_AVX512)
  constexpr const Pieces& factor = activation::tanh_softplus_pieces;
  const V bounded = min(V(factor.reach()), max(V(factor.low()), x));
  return unless_below(x, -factor.low(), x * evaluate(factor, bounded),
                      [](V v) { return x_tanh_softplus_closed(v); });
#else
  return x_tanh_softplus_closed(x);
#endif
}

}  // namespace rectify::RECTIFY_ISA
