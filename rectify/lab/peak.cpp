#include "rectify/lab/peak.h"

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#include <sys/syscall.h>
#include <unistd.h>

#include <cstdint>
#endif

namespace rectify::lab {
namespace {

/// Accumulators: more than latency times throughput of any multiply-add unit known.
constexpr int chains = 12;

// Hides a value from the compiler, so that the loop is really computed. It is a macro because clang
// accepts a vector in assembly only inside of a function compiled for that instruction set.
#if defined(__x86_64__)
#define RECTIFY_HIDE(v) asm volatile("" : "+v"(v))
#else
#define RECTIFY_HIDE(v) asm volatile("" : "+w"(v))
#endif

// The body of every loop: `chains` independent multiply-adds a round, all in registers.
#define RECTIFY_PEAK_LOOP(V, half, multiply_add, flops)                              \
  V a = half, b = half, sums[chains];                                                \
  for (V & sum : sums) sum = half;                                                   \
  for (long r = 0; r < rounds; ++r) {                                                \
    RECTIFY_HIDE(a);                                                                 \
    RECTIFY_HIDE(b);                                                                 \
    _Pragma("GCC unroll 12") for (V & sum : sums) { sum = multiply_add(a, b, sum); } \
  }                                                                                  \
  for (V & sum : sums) RECTIFY_HIDE(sum);                                            \
  return static_cast<double>(rounds) * chains * (flops)

#if defined(__x86_64__)

__attribute__((target("avx512f"))) double fp32_avx512(long rounds) {
  RECTIFY_PEAK_LOOP(__m512, _mm512_set1_ps(0.5f), _mm512_fmadd_ps, 32);
}

__attribute__((target("avx2,fma"))) double fp32_avx2(long rounds) {
  RECTIFY_PEAK_LOOP(__m256, _mm256_set1_ps(0.5f), _mm256_fmadd_ps, 16);
}

inline __m128 multiply_add(__m128 a, __m128 b, __m128 c) { return _mm_add_ps(_mm_mul_ps(a, b), c); }
double fp32_sse2(long rounds) { RECTIFY_PEAK_LOOP(__m128, _mm_set1_ps(0.5f), multiply_add, 8); }

__attribute__((target("avx512bf16"))) inline __m512 dot(__m512i a, __m512i b, __m512 c) {
  return _mm512_dpbf16_ps(c, (__m512bh)a, (__m512bh)b);
}
__attribute__((target("avx512f,avx512bf16"))) double bf16_avx512(long rounds) {
  __m512i a = _mm512_set1_epi16(0x3f00), b = a;  // 0.5
  __m512 sums[chains];
  for (__m512& sum : sums) sum = _mm512_setzero_ps();
  for (long r = 0; r < rounds; ++r) {
    RECTIFY_HIDE(a);
    RECTIFY_HIDE(b);
    _Pragma("GCC unroll 12") for (__m512& sum : sums) { sum = dot(a, b, sum); }
  }
  for (__m512& sum : sums) RECTIFY_HIDE(sum);
  return static_cast<double>(rounds) * chains * 64;
}

/// The configuration that _tile_loadconfig reads: tiles of 16 matrix rows of 64 bytes.
struct alignas(64) TileShapes {
  std::uint8_t palette = 1, start = 0, reserved[14] = {};
  std::uint16_t bytes[16] = {64, 64, 64, 64, 64, 64, 64, 64};
  std::uint8_t rows[16] = {16, 16, 16, 16, 16, 16, 16, 16};
};

__attribute__((target("amx-tile,amx-bf16"))) double bf16_amx(long rounds) {
  const TileShapes shapes;
  // GCC 12 believes that the next line reads 8 bytes only.
  asm volatile("" : : "r"(&shapes) : "memory");
  _tile_loadconfig(&shapes);
  _tile_zero(0);
  _tile_zero(1);
  _tile_zero(2);
  _tile_zero(3);
  _tile_zero(4);
  _tile_zero(5);
  _tile_zero(6);
  _tile_zero(7);
  for (long r = 0; r < rounds; ++r) {
    _tile_dpbf16ps(0, 4, 6);
    _tile_dpbf16ps(1, 4, 7);
    _tile_dpbf16ps(2, 5, 6);
    _tile_dpbf16ps(3, 5, 7);
  }
  _tile_release();
  return static_cast<double>(rounds) * 4 * 2 * 16 * 16 * 32;
}

bool has_amx() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  if (!__get_cpuid_count(7, 0, &a, &b, &c, &d) || !(d >> 22 & 1) || !(d >> 24 & 1)) return false;
  constexpr long request_permission = 0x1023, tile_data = 18;
  return syscall(SYS_arch_prctl, request_permission, tile_data) == 0;
}

bool has_avx512_bf16() {
  unsigned a = 0, b = 0, c = 0, d = 0;
  return __builtin_cpu_supports("avx512f") && __get_cpuid_count(7, 1, &a, &b, &c, &d) &&
         (a >> 5 & 1);
}

#else

typedef float Four __attribute__((vector_size(16)));
inline Four multiply_add(Four a, Four b, Four c) { return a * b + c; }
double fp32_plain(long rounds) {
  RECTIFY_PEAK_LOOP(Four, (Four{0.5f, 0.5f, 0.5f, 0.5f}), multiply_add, 8);
}

#endif

}  // namespace

std::vector<PeakLoop> peak_loops() {
  std::vector<PeakLoop> found;
#if defined(__x86_64__)
  found.push_back({train::Precision::fp32, "SSE2", fp32_sse2});
  if (__builtin_cpu_supports("avx2") && __builtin_cpu_supports("fma"))
    found.push_back({train::Precision::fp32, "AVX2", fp32_avx2});
  if (__builtin_cpu_supports("avx512f"))
    found.push_back({train::Precision::fp32, "AVX-512", fp32_avx512});
  if (has_avx512_bf16()) found.push_back({train::Precision::bf16, "AVX-512 BF16", bf16_avx512});
  if (has_amx()) found.push_back({train::Precision::bf16, "AMX", bf16_amx});
#else
  found.push_back({train::Precision::fp32, "plain", fp32_plain});
#endif
  return found;
}

}  // namespace rectify::lab
