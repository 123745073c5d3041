#pragma once

// The vector, the mask, and arithmetic in every lane. Kernels include simd.h, which explains more.

#if !defined(RECTIFY_ISA)
#error "rectify/base/simd.h is for *.kernel.cpp files, which are compiled with RECTIFY_ISA defined"
#endif

#include <cstddef>
#include <cstdint>

#include "rectify/base/bfloat16.h"

#if defined(__AVX__)
#include <immintrin.h>
#elif defined(__SSE2__)
#include <emmintrin.h>  // read in a tenth of the time
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
// registers in the unmasked forms. A full mask costs nothing.

namespace rectify::RECTIFY_ISA {

using RawFloat = float __attribute__((vector_size(4 * RECTIFY_SIMD_LANES)));
using RawInt = std::int32_t __attribute__((vector_size(4 * RECTIFY_SIMD_LANES)));
using RawByte = std::int8_t __attribute__((vector_size(RECTIFY_SIMD_LANES)));
using RawShort = std::uint16_t __attribute__((vector_size(2 * RECTIFY_SIMD_LANES)));
using RawShorts = std::uint16_t __attribute__((vector_size(4 * RECTIFY_SIMD_LANES)));

/// One truth value for each lane: the result of a comparison.
struct Mask {
#if defined(RECTIFY_SIMD_AVX512)
  __mmask16 raw;
  RECTIFY_INLINE Mask operator&(Mask b) const { return {static_cast<__mmask16>(raw & b.raw)}; }
  RECTIFY_INLINE Mask operator|(Mask b) const { return {static_cast<__mmask16>(raw | b.raw)}; }
  RECTIFY_INLINE Mask operator!() const { return {static_cast<__mmask16>(~raw)}; }
#else
  RawInt raw;  ///< in each lane all bits are set, or none
  RECTIFY_INLINE Mask operator&(Mask b) const { return {raw & b.raw}; }
  RECTIFY_INLINE Mask operator|(Mask b) const { return {raw | b.raw}; }
  RECTIFY_INLINE Mask operator!() const { return {~raw}; }
#endif
};

/// A vector of `lanes` floats. Arithmetic is IEEE single precision in every lane, denormals
/// included.
struct Vec {
  static constexpr std::size_t lanes = RECTIFY_SIMD_LANES;
  RawFloat raw;

  Vec() = default;
  // Written out, because GCC 12 copies structs with defaulted copy operations piecemeal through
  // memory.
  RECTIFY_INLINE Vec(const Vec& v) : raw(v.raw) {}
  RECTIFY_INLINE Vec& operator=(const Vec& v) {
    raw = v.raw;
    return *this;
  }
  RECTIFY_INLINE Vec(RawFloat r) : raw(r) {}
  /// Puts the same number into every lane. (Subtracting zero keeps −0; adding zero would not.)
  RECTIFY_INLINE Vec(float s) : raw(s - RawFloat{}) {}
  RECTIFY_INLINE Vec(double s) : Vec(static_cast<float>(s)) {}
  RECTIFY_INLINE Vec(int s) : Vec(static_cast<float>(s)) {}

  /// Loads `lanes` floats from p, which need not be aligned.
  RECTIFY_INLINE static Vec load(const float* p) {
    Vec v;
    __builtin_memcpy(&v.raw, p, sizeof v.raw);
    return v;
  }
  RECTIFY_INLINE void store(float* p) const { __builtin_memcpy(p, &raw, sizeof raw); }

  /// A streaming store, past the caches, for outputs that are larger than the caches. p is aligned
  /// to a whole vector. Call fence_streams() before another thread reads.
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

  /// Loads n < lanes floats from p and puts zeros into the other lanes; memory beyond p + n is not
  /// touched.
  RECTIFY_INLINE static Vec load_part(const float* p, std::size_t n);
  RECTIFY_INLINE void store_part(float* p, std::size_t n) const;

  /// The same loads and stores for bfloat16 numbers. Loads are exact. Stores round to the nearest,
  /// halves to even; a NaN stays a NaN; a denormal becomes 0 where rounds_by_instruction.
  RECTIFY_INLINE static Vec load(const bfloat16* p);
  RECTIFY_INLINE void store(bfloat16* p) const;
  RECTIFY_INLINE static Vec load_part(const bfloat16* p, std::size_t n);
  RECTIFY_INLINE void store_part(bfloat16* p, std::size_t n) const;

  /// Loads `lanes` whole numbers from p as floats.
  RECTIFY_INLINE static Vec load(const std::int8_t* p);

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

/// Reinterprets the bits of the lanes as whole numbers, and back.
RECTIFY_INLINE RawInt bits(Vec v) { return reinterpret_cast<RawInt>(v.raw); }
RECTIFY_INLINE Vec from_bits(RawInt b) { return reinterpret_cast<RawFloat>(b); }

/// Rounds towards zero; a number that does not fit in 32 bits gives an unspecified number.
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

/// a < b ? a : b in every lane. So the result is b where a or b is a NaN, and where both are zeros:
/// write max(bound, x) to keep a NaN in x. (The intrinsics do exactly this, in one instruction.)
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

/// a > b ? a : b in every lane; NaN and zeros are treated as in min.
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

/// The absolute value, made by clearing the sign bit: abs(−0) is 0, a NaN stays a NaN.
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

/// A number with the magnitude of the first argument and the sign bit of the second.
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

/// a·b + c. It is rounded once where the instruction set has an instruction for it. On x86 before
/// AVX2 the product is rounded too. Code that needs one rounding tests RECTIFY_SIMD_FMA.
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

/// a·b + c, rounded once (in all but one of 2^29 cases) even where there is no instruction for it.
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

/// The rounding error of the product p = a·b: p + product_error is exactly a·b, unless the product
/// overflows or is below 2^-126 · 2^24. Without fma: Dekker 1971, for |a|, |b| < 2^115.
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

/// Rounds to the nearest whole number, halves to even; ±∞, −0 and NaN stay as they are.
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

/// v·2^n for whole n in [−252, 254]. It is rounded once, also where the result is denormal, unless
/// v·2^(n/2) is already denormal.
RECTIFY_INLINE Vec scale(Vec v, Vec n) {
#if defined(RECTIFY_SIMD_AVX512)
  return _mm512_maskz_scalef_ps(0xffff, v.raw, n.raw);
#else
  const RawInt whole = to_int(n), half = whole >> 1;
  const Vec first = from_bits((half + 127) << 23), rest = from_bits((whole - half + 127) << 23);
  return v * first * rest;
#endif
}

}  // namespace rectify::RECTIFY_ISA
