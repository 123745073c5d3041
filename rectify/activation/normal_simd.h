#pragma once

// The normal distribution function Φ, and gelu, which is x·Φ(x). math_simd.h explains the error
// bounds.

#include "rectify/activation/elementary_simd.h"

namespace rectify::RECTIFY_ISA {

/// |x|, bounded to where the normal distribution's tail is not yet 0, and e^(−a²/2) as power·2^n.
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

/// (a + 2.5) Φ(−a) / e^(−a²/2) for s = a / (a + 2.5), 0 <= a <= 15; `low` is the error of its last
/// rounding. This is Mills' ratio with factors that keep it between 1.25 and 0.45 and keep the
/// error of its argument from growing.
template <class V> RECTIFY_INLINE Two<V> mills(V s) {
  const V u = s - 0.421875f;  // around this point the later terms and their errors are small
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
  // Subtract φ(0)·a, in two parts, because the rounding error of one part would be visible.
  const V low = fma(t, m.high, fma(t, m.low, v.a * 1.13351698e-8f));
  const V ratio = fma_once(v.a, V(-0.3989422917f), low);
  const V tail = scale_down(v.power * ratio, v.e);
  return select(x < 0, tail, 1 - tail);
}

}  // namespace rectify::RECTIFY_ISA
