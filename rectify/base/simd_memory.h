#pragma once

// Loads and stores of partial vectors and of narrow numbers, and the fence that follows streaming
// stores. Kernels include simd.h, which explains more.

#include "rectify/base/simd_vector.h"

namespace rectify::RECTIFY_ISA {

#if defined(RECTIFY_SIMD_AVX512)
RECTIFY_INLINE Vec Vec::load_part(const float* p, std::size_t n) {
  return _mm512_maskz_loadu_ps(static_cast<__mmask16>((1u << n) - 1), p);
}
RECTIFY_INLINE void Vec::store_part(float* p, std::size_t n) const {
  _mm512_mask_storeu_ps(p, static_cast<__mmask16>((1u << n) - 1), raw);
}
#elif defined(RECTIFY_SIMD_AVX2)
RECTIFY_INLINE __m256i first_lanes(std::size_t n) {
  return _mm256_cmpgt_epi32(_mm256_set1_epi32(static_cast<int>(n)),
                            _mm256_setr_epi32(0, 1, 2, 3, 4, 5, 6, 7));
}
RECTIFY_INLINE Vec Vec::load_part(const float* p, std::size_t n) {
  return _mm256_maskload_ps(p, first_lanes(n));
}
RECTIFY_INLINE void Vec::store_part(float* p, std::size_t n) const {
  _mm256_maskstore_ps(p, first_lanes(n), raw);
}
#else
RECTIFY_INLINE Vec Vec::load_part(const float* p, std::size_t n) {
  float lane[lanes] = {};
  for (std::size_t i = 0; i < n; ++i) lane[i] = p[i];
  return load(lane);
}
RECTIFY_INLINE void Vec::store_part(float* p, std::size_t n) const {
  float lane[lanes];
  store(lane);
  for (std::size_t i = 0; i < n; ++i) p[i] = lane[i];
}
#endif

#if defined(RECTIFY_SIMD_AVX512)
// Written with intrinsics, because GCC 12 would widen by halves, and would narrow by a shift and a
// choice between two vectors.
RECTIFY_INLINE Vec Vec::load(const bfloat16* p) {
  RawShort half;
  __builtin_memcpy(&half, p, sizeof half);
  const RawShorts high_halves = {0, 0, 0, 1, 0, 2,  0, 3,  0, 4,  0, 5,  0, 6,  0, 7,
                                 0, 8, 0, 9, 0, 10, 0, 11, 0, 12, 0, 13, 0, 14, 0, 15};
  const RawShorts wide =
      __builtin_shufflevector(half, half, 0, 1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15, -1,
                              -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1, -1);
  return reinterpret_cast<RawFloat>(_mm512_maskz_permutexvar_epi16(
      0xaaaaaaaa, reinterpret_cast<__m512i>(high_halves), reinterpret_cast<__m512i>(wide)));
}
RECTIFY_INLINE void Vec::store(bfloat16* p) const {
  if (rounds_by_instruction) {
    RawShort half;
    asm("vcvtneps2bf16 %1, %0" : "=v"(half) : "v"(raw));
    __builtin_memcpy(p, &half, sizeof half);
    return;
  }
  const __m512i b = reinterpret_cast<__m512i>(raw);
  const __mmask16 odd = _mm512_test_epi32_mask(b, _mm512_set1_epi32(0x10000)),
                  nan = _mm512_cmp_ps_mask(raw, raw, _CMP_UNORD_Q);
  const __m512i down = _mm512_maskz_add_epi32(0xffff, b, _mm512_set1_epi32(0x7fff)),
                rounded = _mm512_mask_add_epi32(down, odd, b, _mm512_set1_epi32(0x8000)),
                stored = _mm512_mask_or_epi32(rounded, nan, b, _mm512_set1_epi32(0x400000));
  const __m512i high_halves = reinterpret_cast<__m512i>(
      RawShorts{1, 3, 5, 7, 9, 11, 13, 15, 17, 19, 21, 23, 25, 27, 29, 31});
  const __m512i halves = _mm512_maskz_permutexvar_epi16(0xffff, high_halves, stored);
  __builtin_memcpy(p, &halves, sizeof(RawShort));
}
#else
RECTIFY_INLINE Vec Vec::load(const bfloat16* p) {
  RawShort half;
  __builtin_memcpy(&half, p, sizeof half);
  return from_bits(__builtin_convertvector(half, RawInt) << 16);
}
RECTIFY_INLINE void Vec::store(bfloat16* p) const {
  const RawInt b = bits(*this), odd = (b >> 16) & 1;
  const Vec rounded = from_bits(b + 0x7fff + odd), quiet = from_bits(b | 0x400000);
  const Vec stored = select(*this == *this, rounded, quiet);
  const RawShort half = __builtin_convertvector(bits(stored) >> 16, RawShort);
  __builtin_memcpy(p, &half, sizeof half);
}
#endif
RECTIFY_INLINE Vec Vec::load_part(const bfloat16* p, std::size_t n) {
  bfloat16 lane[lanes] = {};
  for (std::size_t i = 0; i < n; ++i) lane[i] = p[i];
  return load(lane);
}
RECTIFY_INLINE void Vec::store_part(bfloat16* p, std::size_t n) const {
  bfloat16 lane[lanes];
  store(lane);
  for (std::size_t i = 0; i < n; ++i) p[i] = lane[i];
}

RECTIFY_INLINE Vec Vec::load(const std::int8_t* p) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_cvtepi32_ps(
      0xffff,
      _mm512_maskz_cvtepi8_epi32(0xffff, _mm_loadu_si128(reinterpret_cast<const __m128i*>(p))));
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_cvtepi32_ps(
      _mm256_cvtepi8_epi32(_mm_loadl_epi64(reinterpret_cast<const __m128i*>(p))));
#else
  RawByte byte;
  __builtin_memcpy(&byte, p, sizeof byte);
  return to_float(__builtin_convertvector(byte, RawInt));
#endif
}

/// Must be called after stream(), before another thread reads the written floats.
RECTIFY_INLINE void fence_streams() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

}  // namespace rectify::RECTIFY_ISA
