#include "rectify/lab/bandwidth.h"

namespace rectify::lab {
namespace {

// The body of a loop, with sixteen sums side by side, so many that no addition waits for another.
// It is a macro because GCC would split the large vectors of a function before inlining it where
// they are allowed.
#define RECTIFY_READ(V)                                             \
  constexpr std::size_t lanes = sizeof(V) / sizeof(float);          \
  V sums[16] = {};                                                  \
  for (std::size_t i = 0; i < n; i += 16 * lanes) {                 \
    _Pragma("GCC unroll 16") for (std::size_t c = 0; c < 16; ++c) { \
      V v;                                                          \
      __builtin_memcpy(&v, x + i + c * lanes, sizeof v);            \
      sums[c] += v;                                                 \
    }                                                               \
  }                                                                 \
  for (std::size_t c = 1; c < 16; ++c) sums[0] += sums[c];          \
  return sums[0][0]

#if defined(__x86_64__)
typedef float Sixteen __attribute__((vector_size(64)));
typedef float Eight __attribute__((vector_size(32)));
[[gnu::target("avx512f")]] float read_avx512(const float* x, std::size_t n) {
  RECTIFY_READ(Sixteen);
}
[[gnu::target("avx2")]] float read_avx2(const float* x, std::size_t n) { RECTIFY_READ(Eight); }
#endif
typedef float Four __attribute__((vector_size(16)));
float read_plain(const float* x, std::size_t n) { RECTIFY_READ(Four); }

using Read = float (*)(const float*, std::size_t);
Read widest() {
#if defined(__x86_64__)
  if (__builtin_cpu_supports("avx512f")) return read_avx512;
  if (__builtin_cpu_supports("avx2")) return read_avx2;
#endif
  return read_plain;
}

}  // namespace

float read_floats(const float* x, std::size_t n) {
  static const Read read = widest();
  return read(x, n);
}

}  // namespace rectify::lab
