#pragma once

#include "rectify/base/simd.h"

// Only *.kernel.cpp files may include this header, as base/simd.h.

namespace rectify::run::cpu::RECTIFY_ISA {

using rectify::RECTIFY_ISA::Vec;

/// to[c][r] = from[r][c] of a square of `lanes` x `lanes`, of which `rows` x `columns` are read;
/// the others are zeros. Of each row of `to`, `stored` floats are written. Adds these rows to
/// `sum`.
template <class Number>
RECTIFY_INLINE void transpose_square(const Number* from, std::int64_t from_stride, float* to,
                                     std::int64_t to_stride, std::size_t rows, std::size_t columns,
                                     std::size_t stored, Vec* sum = nullptr) {
  Vec v[Vec::lanes], w[Vec::lanes];
  for (std::size_t r = 0; r < Vec::lanes; ++r) {
    if (r >= rows)
      v[r] = Vec(0.0f);
    else if (columns == Vec::lanes)
      v[r] = Vec::load(from + static_cast<std::int64_t>(r) * from_stride);
    else
      v[r] = Vec::load_part(from + static_cast<std::int64_t>(r) * from_stride, columns);
  }
  // Each round interleaves row i with row i + lanes / 2, which turns the bits of an element's
  // position (row, lane) by one; after as many rounds as a lane has bits, the two have changed
  // places.
  for (std::size_t round = 1; round < Vec::lanes; round *= 2) {
    for (std::size_t i = 0; i < Vec::lanes / 2; ++i) {
      w[2 * i] = interleave_low(v[i], v[i + Vec::lanes / 2]);
      w[2 * i + 1] = interleave_high(v[i], v[i + Vec::lanes / 2]);
    }
    for (std::size_t i = 0; i < Vec::lanes; ++i) v[i] = w[i];
  }
  for (std::size_t c = 0; c < Vec::lanes && c < columns; ++c) {
    if (sum) *sum += v[c];
    if (stored == Vec::lanes)
      v[c].store(to + static_cast<std::int64_t>(c) * to_stride);
    else
      v[c].store_part(to + static_cast<std::int64_t>(c) * to_stride, stored);
  }
}

}  // namespace rectify::run::cpu::RECTIFY_ISA
