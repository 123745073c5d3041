#pragma once

// A vector of floats as wide as the instruction set that the including file is compiled for. Only
// for *.kernel.cpp files, which are compiled once an instruction set with RECTIFY_ISA naming it.
// All that is defined here lives in a namespace of that name and is always inlined, so that the
// linker can never answer a call from code for a small processor with a body made for a large one.
// For the same reason kernels call no inline functions of the standard library.

#if !defined(RECTIFY_ISA)
#error "rectify/base/simd.h is for *.kernel.cpp files, which are compiled with RECTIFY_ISA defined"
#endif

#include <cstddef>
#include <cstdint>
#include <utility>

#include "rectify/base/bfloat16.h"

#if defined(__SSE2__)
#include <immintrin.h>
#elif defined(__ARM_NEON)
#include <arm_neon.h>
#endif

#if defined(__AVX512F__) && defined(__AVX512DQ__)
#define RECTIFY_SIMD_AVX512 1
#define RECTIFY_SIMD_LANES 16
#elif defined(__AVX2__) && defined(__FMA__)
#define RECTIFY_SIMD_AVX2 1
#define RECTIFY_SIMD_LANES 8
#else
#define RECTIFY_SIMD_LANES 4
#endif
#if defined(RECTIFY_SIMD_AVX512) || defined(RECTIFY_SIMD_AVX2) || \
    (defined(__aarch64__) && defined(__ARM_NEON))
#define RECTIFY_SIMD_FMA 1
#endif

#define RECTIFY_INLINE [[gnu::always_inline]] inline

// AVX-512 intrinsics are used in their masked forms, because GCC 12 warns about the undefined
// registers in the plain ones; a full mask costs nothing.

namespace rectify::RECTIFY_ISA {

using RawFloat = float __attribute__((vector_size(4 * RECTIFY_SIMD_LANES)));
using RawInt = std::int32_t __attribute__((vector_size(4 * RECTIFY_SIMD_LANES)));
using RawShort = std::uint16_t __attribute__((vector_size(2 * RECTIFY_SIMD_LANES)));
using RawShorts = std::uint16_t __attribute__((vector_size(4 * RECTIFY_SIMD_LANES)));

/// One truth value a lane: the answer of a comparison.
struct Mask {
#if defined(RECTIFY_SIMD_AVX512)
  __mmask16 raw;
  RECTIFY_INLINE Mask operator&(Mask b) const { return {static_cast<__mmask16>(raw & b.raw)}; }
  RECTIFY_INLINE Mask operator|(Mask b) const { return {static_cast<__mmask16>(raw | b.raw)}; }
  RECTIFY_INLINE Mask operator!() const { return {static_cast<__mmask16>(~raw)}; }
#else
  RawInt raw;  ///< all bits of a lane set, or none
  RECTIFY_INLINE Mask operator&(Mask b) const { return {raw & b.raw}; }
  RECTIFY_INLINE Mask operator|(Mask b) const { return {raw | b.raw}; }
  RECTIFY_INLINE Mask operator!() const { return {~raw}; }
#endif
};

/// `lanes` floats. Arithmetic is IEEE single precision lane by lane, denormals included.
struct Vec {
  static constexpr std::size_t lanes = RECTIFY_SIMD_LANES;
  RawFloat raw;

  Vec() = default;
  // Written out, because GCC 12 copies structs of defaulted ones piecemeal through memory.
  RECTIFY_INLINE Vec(const Vec& v) : raw(v.raw) {}
  RECTIFY_INLINE Vec& operator=(const Vec& v) {
    raw = v.raw;
    return *this;
  }
  RECTIFY_INLINE Vec(RawFloat r) : raw(r) {}
  /// The same number in every lane. (Subtracting zero, unlike adding it, keeps −0.)
  RECTIFY_INLINE Vec(float s) : raw(s - RawFloat{}) {}
  RECTIFY_INLINE Vec(double s) : Vec(static_cast<float>(s)) {}
  RECTIFY_INLINE Vec(int s) : Vec(static_cast<float>(s)) {}

  /// `lanes` floats from p, which need not be aligned.
  RECTIFY_INLINE static Vec load(const float* p) {
    Vec v;
    __builtin_memcpy(&v.raw, p, sizeof v.raw);
    return v;
  }
  RECTIFY_INLINE void store(float* p) const { __builtin_memcpy(p, &raw, sizeof raw); }

  /// To p, aligned to a whole vector, past the caches: for more than they hold. A fence_streams()
  /// must follow before another thread reads.
  RECTIFY_INLINE void stream(float* p) const {
#if defined(RECTIFY_SIMD_AVX512)
    _mm512_stream_ps(p, raw);
#elif defined(RECTIFY_SIMD_AVX2)
    _mm256_stream_ps(p, raw);
#elif defined(__SSE2__)
    _mm_stream_ps(p, raw);
#else
    store(p);
#endif
  }

  /// The first n < lanes floats from p, zeros in the other lanes; nothing beyond p + n is touched.
  RECTIFY_INLINE static Vec load_part(const float* p, std::size_t n);
  RECTIFY_INLINE void store_part(float* p, std::size_t n) const;

  /// The same for numbers kept as bfloat16: without loss; rounded to the nearest, halves to even,
  /// NaN staying NaN, and 0 in place of a denormal where rounds_by_instruction.
  RECTIFY_INLINE static Vec load(const bfloat16* p);
  RECTIFY_INLINE void store(bfloat16* p) const;
  RECTIFY_INLINE static Vec load_part(const bfloat16* p, std::size_t n);
  RECTIFY_INLINE void store_part(bfloat16* p, std::size_t n) const;

  RECTIFY_INLINE Vec operator-() const { return -raw; }
  RECTIFY_INLINE friend Vec operator+(Vec a, Vec b) { return a.raw + b.raw; }
  RECTIFY_INLINE friend Vec operator-(Vec a, Vec b) { return a.raw - b.raw; }
  RECTIFY_INLINE friend Vec operator*(Vec a, Vec b) { return a.raw * b.raw; }
  RECTIFY_INLINE friend Vec operator/(Vec a, Vec b) { return a.raw / b.raw; }
  RECTIFY_INLINE Vec& operator+=(Vec b) { return *this = *this + b; }
  RECTIFY_INLINE Vec& operator-=(Vec b) { return *this = *this - b; }
  RECTIFY_INLINE Vec& operator*=(Vec b) { return *this = *this * b; }

  // Every comparison with a NaN is false, except !=, which is true.
#if defined(RECTIFY_SIMD_AVX512)
#define RECTIFY_SIMD_COMPARE(op, code)                   \
  RECTIFY_INLINE friend Mask operator op(Vec a, Vec b) { \
    return {_mm512_cmp_ps_mask(a.raw, b.raw, code)};     \
  }
#else
#define RECTIFY_SIMD_COMPARE(op, code) \
  RECTIFY_INLINE friend Mask operator op(Vec a, Vec b) { return {a.raw op b.raw}; }
#endif
  RECTIFY_SIMD_COMPARE(<, _CMP_LT_OQ)
  RECTIFY_SIMD_COMPARE(<=, _CMP_LE_OQ)
  RECTIFY_SIMD_COMPARE(>, _CMP_GT_OQ)
  RECTIFY_SIMD_COMPARE(>=, _CMP_GE_OQ)
  RECTIFY_SIMD_COMPARE(==, _CMP_EQ_OQ)
  RECTIFY_SIMD_COMPARE(!=, _CMP_NEQ_UQ)
#undef RECTIFY_SIMD_COMPARE
};

/// The lanes' bits as whole numbers, and back.
RECTIFY_INLINE RawInt bits(Vec v) { return reinterpret_cast<RawInt>(v.raw); }
RECTIFY_INLINE Vec from_bits(RawInt b) { return reinterpret_cast<RawFloat>(b); }

/// Towards zero; what does not fit in 32 bits gives an unspecified number.
RECTIFY_INLINE RawInt to_int(Vec v) { return __builtin_convertvector(v.raw, RawInt); }
RECTIFY_INLINE Vec to_float(RawInt i) { return __builtin_convertvector(i, RawFloat); }

/// a where m is true, b elsewhere.
RECTIFY_INLINE Vec select(Mask m, Vec a, Vec b) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_mask_mov_ps(b.raw, m.raw, a.raw);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_blendv_ps(b.raw, a.raw, reinterpret_cast<RawFloat>(m.raw));
#else
  return from_bits((bits(a) & m.raw) | (bits(b) & ~m.raw));
#endif
}

/// a < b ? a : b in every lane, so b where either is a NaN and where both are zeros. Write
/// max(bound, x) to let a NaN in x through. (The intrinsics do just that, in one instruction.)
RECTIFY_INLINE Vec min(Vec a, Vec b) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_min_ps(0xffff, a.raw, b.raw);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_min_ps(a.raw, b.raw);
#elif defined(__SSE2__)
  return _mm_min_ps(a.raw, b.raw);
#else
  return select(a < b, a, b);
#endif
}

/// a > b ? a : b in every lane; as min for NaN and zeros.
RECTIFY_INLINE Vec max(Vec a, Vec b) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_max_ps(0xffff, a.raw, b.raw);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_max_ps(a.raw, b.raw);
#elif defined(__SSE2__)
  return _mm_max_ps(a.raw, b.raw);
#else
  return select(a > b, a, b);
#endif
}

/// Without the sign; abs(−0) is 0, a NaN stays one.
RECTIFY_INLINE Vec abs(Vec v) { return from_bits(bits(v) & 0x7fffffff); }

/// min(|v|, bound); unspecified where v is a NaN.
RECTIFY_INLINE Vec bounded_abs(Vec v, Vec bound) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_range_ps(0xffff, v.raw, bound.raw, 0b1010);  // least magnitude, no sign
#else
  return min(bound, abs(v));
#endif
}

/// −|v|.
RECTIFY_INLINE Vec minus_abs(Vec v) { return from_bits(bits(v) | INT32_MIN); }

/// The magnitude of the first with the sign bit of the second.
RECTIFY_INLINE Vec copysign(Vec magnitude, Vec sign) {
#if defined(RECTIFY_SIMD_AVX512)
  const __m512i mask =
      _mm512_set1_epi32(INT32_MIN);  // 0xd8: where it has ones the second, else the first
  return reinterpret_cast<RawFloat>(_mm512_ternarylogic_epi32(
      reinterpret_cast<__m512i>(magnitude.raw), reinterpret_cast<__m512i>(sign.raw), mask, 0xd8));
#else
  return from_bits((bits(magnitude) & 0x7fffffff) | (bits(sign) & INT32_MIN));
#endif
}

/// a·b + c, rounded once where the instruction set can (everywhere but x86 before AVX2, where the
/// product is rounded too). Code that needs the one rounding asks RECTIFY_SIMD_FMA.
RECTIFY_INLINE Vec fma(Vec a, Vec b, Vec c) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_fmadd_ps(a.raw, b.raw, c.raw);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_fmadd_ps(a.raw, b.raw, c.raw);
#elif defined(RECTIFY_SIMD_FMA)
  return reinterpret_cast<RawFloat>(vfmaq_f32(reinterpret_cast<float32x4_t>(c.raw),
                                              reinterpret_cast<float32x4_t>(a.raw),
                                              reinterpret_cast<float32x4_t>(b.raw)));
#else
  return a * b + c;
#endif
}

/// a·b + c, rounded once (in all but one of 2^29 cases) also where there is no instruction for it.
RECTIFY_INLINE Vec fma_once(Vec a, Vec b, Vec c) {
#if defined(RECTIFY_SIMD_FMA)
  return fma(a, b, c);
#else
  using RawDouble = double __attribute__((vector_size(8 * RECTIFY_SIMD_LANES)));
  const RawDouble product =
      __builtin_convertvector(a.raw, RawDouble) * __builtin_convertvector(b.raw, RawDouble);
  return __builtin_convertvector(product + __builtin_convertvector(c.raw, RawDouble), RawFloat);
#endif
}

/// What rounding took from the product p = a·b, so that p + product_error is a·b exactly (unless it
/// overflows or falls below 2^-126 · 2^24). Without fma: Dekker 1971, for |a|, |b| < 2^115.
RECTIFY_INLINE Vec product_error(Vec a, Vec b, Vec p) {
#if defined(RECTIFY_SIMD_FMA)
  return fma(a, b, -p);
#else
  const Vec a_big = a * 4097, b_big = b * 4097;
  const Vec a_high = a_big - (a_big - a), b_high = b_big - (b_big - b);
  const Vec a_low = a - a_high, b_low = b - b_high;
  return ((a_high * b_high - p) + a_high * b_low + a_low * b_high) + a_low * b_low;
#endif
}

RECTIFY_INLINE Vec sqrt(Vec v) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_sqrt_ps(0xffff, v.raw);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_sqrt_ps(v.raw);
#elif defined(__SSE2__)
  return _mm_sqrt_ps(v.raw);
#elif defined(__aarch64__) && defined(__ARM_NEON)
  return reinterpret_cast<RawFloat>(vsqrtq_f32(reinterpret_cast<float32x4_t>(v.raw)));
#else
  Vec root;
  for (std::size_t i = 0; i < Vec::lanes; ++i) root.raw[i] = __builtin_sqrtf(v.raw[i]);
  return root;
#endif
}

/// To the nearest whole number, halves to even; ±∞, −0 and NaN stay.
RECTIFY_INLINE Vec round(Vec v) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_roundscale_ps(0xffff, v.raw, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#elif defined(RECTIFY_SIMD_AVX2)
  return _mm256_round_ps(v.raw, _MM_FROUND_TO_NEAREST_INT | _MM_FROUND_NO_EXC);
#else
  const Vec shift = copysign(0x1p23f, v);  // from 2^23 on there are no fractions
  return select(abs(v) < 0x1p23f, copysign((v + shift) - shift, v), v);
#endif
}

/// v·2^n for whole n in [−252, 254]; rounded once, also into the denormals, unless v·2^(n/2) is
/// one.
RECTIFY_INLINE Vec scale(Vec v, Vec n) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_scalef_ps(0xffff, v.raw, n.raw);
#else
  const RawInt whole = to_int(n), half = whole >> 1;
  const Vec first = from_bits((half + 127) << 23), rest = from_bits((whole - half + 127) << 23);
  return v * first * rest;
#endif
}

#if defined(RECTIFY_SIMD_AVX512)
// Written out, because GCC 12 widens by halves and narrows by a shift and a choice of two vectors.
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

RECTIFY_INLINE void fence_streams() {
#if defined(__SSE2__)
  _mm_sfence();
#endif
}

#if defined(RECTIFY_SIMD_AVX512)
/// table[k] lane by lane, where k is the lowest 5 bits of index.
RECTIFY_INLINE Vec pick(const float (&table)[32], Vec index) {
  return _mm512_permutex2var_ps(Vec::load(table).raw, reinterpret_cast<__m512i>(index.raw),
                                Vec::load(table + 16).raw);
}
#endif

/// Counts, a lane each, how often masks were true.
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
  /// Adds the first n counts to those at p.
  RECTIFY_INLINE void add_to(std::uint32_t* p, std::size_t n) const {
    std::int32_t count[Vec::lanes];
    __builtin_memcpy(count, &raw, sizeof raw);
    for (std::size_t i = 0; i < n; ++i) p[i] += static_cast<std::uint32_t>(count[i]);
  }
};

/// One bit a lane, the first lane lowest.
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
/// The mask of those bits.
RECTIFY_INLINE Mask to_mask(std::uint32_t all) {
#if defined(RECTIFY_SIMD_AVX512)
  return {static_cast<__mmask16>(all)};
#else
  RawInt lane;
  for (std::size_t i = 0; i < Vec::lanes; ++i) lane[i] = 1 << i;
  return {((lane & static_cast<std::int32_t>(all)) != 0)};
#endif
}

/// The sum of the lanes, always in the same order: the two halves added, and again.
RECTIFY_INLINE float sum(Vec v) {
  float lane[Vec::lanes];
  v.store(lane);
  for (std::size_t half = Vec::lanes / 2; half > 0; half /= 2) {
    for (std::size_t i = 0; i < half; ++i) lane[i] += lane[i + half];
  }
  return lane[0];
}

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

template <class>
struct Interleaved;
template <std::size_t... i>
struct Interleaved<std::index_sequence<i...>> {
  /// Lanes first, first + 1, ... of a and b in turn.
  template <std::size_t first>
  RECTIFY_INLINE static Vec of(Vec a, Vec b) {
    return RawFloat(__builtin_shufflevector(
        a.raw, b.raw, static_cast<int>(first + i / 2 + i % 2 * Vec::lanes)...));
  }
};

/// a0 b0 a1 b1 ...: the lower halves of two vectors, lane by lane in turn; and the upper ones.
RECTIFY_INLINE Vec interleave_low(Vec a, Vec b) {
  return Interleaved<std::make_index_sequence<Vec::lanes>>::of<0>(a, b);
}
RECTIFY_INLINE Vec interleave_high(Vec a, Vec b) {
  return Interleaved<std::make_index_sequence<Vec::lanes>>::of<Vec::lanes / 2>(a, b);
}

}  // namespace rectify::RECTIFY_ISA
