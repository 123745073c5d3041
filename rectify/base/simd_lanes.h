#pragma once

// Operations across lanes: sums, counts, masks as bits, look-ups in a table of 32 floats, and the
// interleaving of two vectors. Kernels include simd.h, which explains more.

#include <utility>

#include "rectify/base/simd_vector.h"

namespace rectify::RECTIFY_ISA {

#if defined(RECTIFY_SIMD_AVX512)
/// Looks up table[k] in every lane, where k is the lowest 5 bits of that lane's index.
RECTIFY_INLINE Vec pick(const float (&table)[32], Vec index) {
  return _mm512_permutex2var_ps(Vec::load(table).raw, reinterpret_cast<__m512i>(index.raw),
                                Vec::load(table + 16).raw);
}
#endif

/// Counts, for each lane, how often a mask was true.
struct Counter {
  RawInt raw = {};
  RECTIFY_INLINE void add(Mask m) {
#if defined(RECTIFY_SIMD_AVX512)
    raw = reinterpret_cast<RawInt>(_mm512_mask_sub_epi32(reinterpret_cast<__m512i>(raw), m.raw,
                                                         reinterpret_cast<__m512i>(raw),
                                                         _mm512_set1_epi32(-1)));
#else
    raw = raw - m.raw;
#endif
  }
  /// Adds the counts of the first n lanes to the numbers at p.
  RECTIFY_INLINE void add_to(std::uint32_t* p, std::size_t n) const {
    std::int32_t count[Vec::lanes];
    __builtin_memcpy(count, &raw, sizeof raw);
    for (std::size_t i = 0; i < n; ++i) p[i] += static_cast<std::uint32_t>(count[i]);
  }
};

/// Converts a mask to one bit for each lane; the first lane is the lowest bit.
RECTIFY_INLINE std::uint32_t to_bits(Mask m) {
#if defined(RECTIFY_SIMD_AVX512)
  return m.raw;
#elif defined(RECTIFY_SIMD_AVX2)
  return static_cast<std::uint32_t>(_mm256_movemask_ps(reinterpret_cast<RawFloat>(m.raw)));
#elif defined(__SSE2__)
  return static_cast<std::uint32_t>(_mm_movemask_ps(reinterpret_cast<RawFloat>(m.raw)));
#else
  std::uint32_t all = 0;
  for (std::size_t i = 0; i < Vec::lanes; ++i) all |= (m.raw[i] & 1u) << i;
  return all;
#endif
}
RECTIFY_INLINE bool any(Mask m) { return to_bits(m) != 0; }
/// Converts bits, as to_bits() gives them, back to a mask.
RECTIFY_INLINE Mask to_mask(std::uint32_t all) {
#if defined(RECTIFY_SIMD_AVX512)
  return {static_cast<__mmask16>(all)};
#else
  RawInt lane;
  for (std::size_t i = 0; i < Vec::lanes; ++i) lane[i] = 1 << i;
  return {((lane & static_cast<std::int32_t>(all)) != 0)};
#endif
}

/// The sum of the lanes, always in the same order: the two halves are added, then the halves of the
/// result, and so on.
RECTIFY_INLINE float sum(Vec v) {
  float lane[Vec::lanes];
  v.store(lane);
  for (std::size_t half = Vec::lanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lane[i] += lane[i + half];
  }
  return lane[0];
}

template <class>
struct Interleaved;
template <std::size_t... i>
struct Interleaved<std::index_sequence<i...>> {
  /// Lanes first, first + 1, ... of a and of b in turn.
  template <std::size_t first>
  RECTIFY_INLINE static Vec of(Vec a, Vec b) {
    return RawFloat(__builtin_shufflevector(
        a.raw, b.raw, static_cast<int>(first + i / 2 + i % 2 * Vec::lanes)...));
  }
};

/// Interleaves the lower halves of two vectors, lane by lane: a0 b0 a1 b1 ...; and the upper
/// halves.
RECTIFY_INLINE Vec interleave_low(Vec a, Vec b) {
  return Interleaved<std::make_index_sequence<Vec::lanes>>::of<0>(a, b);
}
RECTIFY_INLINE Vec interleave_high(Vec a, Vec b) {
  return Interleaved<std::make_index_sequence<Vec::lanes>>::of<Vec::lanes / 2>(a, b);
}

#if defined(RECTIFY_SIMD_AVX2)
/// For each mask of 8 lanes the places of those that are set, in order.
struct Packing {
  std::uint8_t lane[256][8];
  constexpr Packing() : lane() {
    for (unsigned mask = 0; mask < 256; ++mask)
      for (unsigned i = 0, found = 0; i < 8; ++i)
        if (mask >> i & 1) lane[mask][found++] = static_cast<std::uint8_t>(i);
  }
};
inline constexpr Packing packing;
#endif

/// Writes the lanes of v where m is true to `to`, one after the other; up to a whole vector may be
/// written.
RECTIFY_INLINE void append(Vec v, Mask m, float* to) {
#if defined(RECTIFY_SIMD_AVX512)
  _mm512_storeu_ps(to, _mm512_maskz_compress_ps(m.raw, v.raw));
#elif defined(RECTIFY_SIMD_AVX2)
  const __m128i lane = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(packing.lane[to_bits(m)]));
  _mm256_storeu_ps(to, _mm256_permutevar8x32_ps(v.raw, _mm256_cvtepu8_epi32(lane)));
#else
  float lane[Vec::lanes];
  v.store(lane);
  const std::uint32_t mask = to_bits(m);
  for (std::size_t i = 0, found = 0; i < Vec::lanes; ++i) {
    to[found] = lane[i];
    found += mask >> i & 1;
  }
#endif
}

/// Writes the places of these lanes, counted from `first`, in the same way. Returns how many they
/// are.
RECTIFY_INLINE std::int64_t append_places(Mask m, std::uint16_t first, std::uint16_t* to) {
#if defined(RECTIFY_SIMD_AVX512)
  const __m512i lane = _mm512_set_epi32(15, 14, 13, 12, 11, 10, 9, 8, 7, 6, 5, 4, 3, 2, 1, 0);
  const __m512i place = _mm512_maskz_compress_epi32(
      m.raw, _mm512_maskz_add_epi32(0xffff, lane, _mm512_set1_epi32(first)));
  _mm256_storeu_si256(reinterpret_cast<__m256i*>(to), _mm512_maskz_cvtepi32_epi16(0xffff, place));
  return __builtin_popcount(m.raw);
#elif defined(RECTIFY_SIMD_AVX2)
  const std::uint32_t mask = to_bits(m);
  const __m128i lane = _mm_loadl_epi64(reinterpret_cast<const __m128i*>(packing.lane[mask]));
  _mm_storeu_si128(
      reinterpret_cast<__m128i*>(to),
      _mm_add_epi16(_mm_cvtepu8_epi16(lane), _mm_set1_epi16(static_cast<short>(first))));
  return __builtin_popcount(mask);
#else
  const std::uint32_t mask = to_bits(m);
  std::int64_t found = 0;
  for (std::size_t i = 0; i < Vec::lanes; ++i) {
    to[found] = static_cast<std::uint16_t>(first + i);
    found += mask >> i & 1;
  }
  return found;
#endif
}

}  // namespace rectify::RECTIFY_ISA
