#pragma once

#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {

/// Two vectors that go through the same arithmetic side by side. A row's function is a chain of
/// dependent operations, and each takes several cycles. With two or four chains in turn, the
/// processor has an operation to start in every cycle. V is Vec, or again a Pair.
template <class V> struct Pair {
  static constexpr std::size_t lanes = 2 * V::lanes;
  V a, b;

  /// Two masks.
  struct Truth {
    decltype(V(0) < V(0)) a, b;
    RECTIFY_INLINE friend Truth operator&(Truth x, Truth y) { return {x.a & y.a, x.b & y.b}; }
    RECTIFY_INLINE friend bool any(Truth x) { return any(x.a | x.b); }
  };

  Pair() = default;
  RECTIFY_INLINE Pair(V first, V second) : a(first), b(second) {}
  RECTIFY_INLINE Pair(float s) : a(s), b(s) {}
  RECTIFY_INLINE Pair(double s) : a(s), b(s) {}
  RECTIFY_INLINE Pair(int s) : a(s), b(s) {}
  RECTIFY_INLINE Pair(const Pair& v) : a(v.a), b(v.b) {}
  RECTIFY_INLINE Pair& operator=(const Pair& v) {
    a = v.a;
    b = v.b;
    return *this;
  }

  /// Loads and stores of floats or bfloat16 numbers.
  template <class T> RECTIFY_INLINE static Pair load(const T* p) {
    return {V::load(p), V::load(p + V::lanes)};
  }
  template <class T> RECTIFY_INLINE void store(T* p) const {
    a.store(p);
    b.store(p + V::lanes);
  }

  RECTIFY_INLINE void stream(float* p) const {
    a.stream(p);
    b.stream(p + V::lanes);
  }

  RECTIFY_INLINE Pair operator-() const { return {-a, -b}; }
  RECTIFY_INLINE friend Pair operator+(Pair x, Pair y) { return {x.a + y.a, x.b + y.b}; }
  RECTIFY_INLINE friend Pair operator-(Pair x, Pair y) { return {x.a - y.a, x.b - y.b}; }
  RECTIFY_INLINE friend Pair operator*(Pair x, Pair y) { return {x.a * y.a, x.b * y.b}; }
  RECTIFY_INLINE friend Pair operator/(Pair x, Pair y) { return {x.a / y.a, x.b / y.b}; }
  RECTIFY_INLINE friend Truth operator<(Pair x, Pair y) { return {x.a < y.a, x.b < y.b}; }
  RECTIFY_INLINE friend Truth operator<=(Pair x, Pair y) { return {x.a <= y.a, x.b <= y.b}; }
  RECTIFY_INLINE friend Truth operator>(Pair x, Pair y) { return {x.a > y.a, x.b > y.b}; }
  RECTIFY_INLINE friend Truth operator>=(Pair x, Pair y) { return {x.a >= y.a, x.b >= y.b}; }
  RECTIFY_INLINE friend Truth operator==(Pair x, Pair y) { return {x.a == y.a, x.b == y.b}; }

  RECTIFY_INLINE friend Pair select(Truth m, Pair x, Pair y) {
    return {select(m.a, x.a, y.a), select(m.b, x.b, y.b)};
  }
  RECTIFY_INLINE friend Pair min(Pair x, Pair y) { return {min(x.a, y.a), min(x.b, y.b)}; }
  RECTIFY_INLINE friend Pair max(Pair x, Pair y) { return {max(x.a, y.a), max(x.b, y.b)}; }
  RECTIFY_INLINE friend Pair abs(Pair x) { return {abs(x.a), abs(x.b)}; }
  RECTIFY_INLINE friend Pair sqrt(Pair x) { return {sqrt(x.a), sqrt(x.b)}; }
  RECTIFY_INLINE friend Pair sin(Pair x) { return {sin(x.a), sin(x.b)}; }
  RECTIFY_INLINE friend Pair cos(Pair x) { return {cos(x.a), cos(x.b)}; }
  RECTIFY_INLINE friend Pair bounded_abs(Pair x, Pair y) {
    return {bounded_abs(x.a, y.a), bounded_abs(x.b, y.b)};
  }
  RECTIFY_INLINE friend Pair minus_abs(Pair x) { return {minus_abs(x.a), minus_abs(x.b)}; }
  RECTIFY_INLINE friend Pair copysign(Pair x, Pair y) {
    return {copysign(x.a, y.a), copysign(x.b, y.b)};
  }
  RECTIFY_INLINE friend Pair fma(Pair x, Pair y, Pair z) {
    return {fma(x.a, y.a, z.a), fma(x.b, y.b, z.b)};
  }
  RECTIFY_INLINE friend Pair fma_once(Pair x, Pair y, Pair z) {
    return {fma_once(x.a, y.a, z.a), fma_once(x.b, y.b, z.b)};
  }
  RECTIFY_INLINE friend Pair product_error(Pair x, Pair y, Pair p) {
    return {product_error(x.a, y.a, p.a), product_error(x.b, y.b, p.b)};
  }
  template <std::size_t n> RECTIFY_INLINE friend Pair pick(const float (&table)[n], Pair index) {
    return {pick(table, index.a), pick(table, index.b)};
  }
  RECTIFY_INLINE friend Pair scale(Pair x, Pair n) { return {scale(x.a, n.a), scale(x.b, n.b)}; }
  RECTIFY_INLINE friend Pair power_of_two(Pair n, Pair shifted) {
    return {power_of_two(n.a, shifted.a), power_of_two(n.b, shifted.b)};
  }
  RECTIFY_INLINE friend Pair scale_down(Pair x, Pair n, Pair shifted) {
    return {scale_down(x.a, n.a, shifted.a), scale_down(x.b, n.b, shifted.b)};
  }
};

}  // namespace rectify::RECTIFY_ISA
