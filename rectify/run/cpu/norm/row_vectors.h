#pragma once

// Rows of floats, vector by vector. Only for *.kernel.cpp files.

#include "rectify/base/simd.h"

namespace rectify::RECTIFY_ISA {

/// Calls visit(i, n) for each vector of a row, whose first lane is element i and of which n lanes
/// belong to the row.
template <class Visit>
RECTIFY_INLINE void each_vector(std::size_t width, const Visit& visit) {
  std::size_t i = 0;
  for (; i + Vec::lanes <= width; i += Vec::lanes) visit(i, Vec::lanes);
  if (i < width) visit(i, width - i);
}

/// n lanes from p, floats or bfloat16, zeros in the others.
template <class Number>
RECTIFY_INLINE Vec load(const Number* p, std::size_t n) {
  return n == Vec::lanes ? Vec::load(p) : Vec::load_part(p, n);
}
template <class Number>
RECTIFY_INLINE void store(Vec v, Number* p, std::size_t n) {
  if (n == Vec::lanes)
    v.store(p);
  else
    v.store_part(p, n);
}
/// v in the first n lanes, the other number in the rest.
RECTIFY_INLINE Vec first_lanes(Vec v, std::size_t n, float rest) {
  return n == Vec::lanes ? v : select(to_mask((1u << n) - 1), v, Vec(rest));
}

}  // namespace rectify::RECTIFY_ISA
