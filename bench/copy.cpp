#include "bench/copy.h"

#include <cstring>

#include "rectify/base/instruction_set.h"

#if defined(__x86_64__)
#include <immintrin.h>
#endif

namespace rectify::bench {
namespace {

void by_memcpy(const float* from, float* to, std::size_t n) { std::memcpy(to, from, 4 * n); }

#if defined(__x86_64__)
// n is a multiple of 64 and arrays start on cache lines: benchmarks see to that.
[[gnu::target("avx512f")]] void plain_512(const float* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 64) {
    for (std::size_t j = 0; j < 64; j += 16)
      _mm512_store_ps(to + i + j, _mm512_load_ps(from + i + j));
  }
}
[[gnu::target("avx512f")]] void stream_512(const float* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 64) {
    for (std::size_t j = 0; j < 64; j += 16) {
      _mm512_stream_ps(to + i + j, _mm512_load_ps(from + i + j));
    }
  }
  _mm_sfence();
}
[[gnu::target("avx2")]] void plain_256(const float* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 32) {
    for (std::size_t j = 0; j < 32; j += 8)
      _mm256_store_ps(to + i + j, _mm256_load_ps(from + i + j));
  }
}
[[gnu::target("avx2")]] void stream_256(const float* from, float* to, std::size_t n) {
  for (std::size_t i = 0; i < n; i += 32) {
    for (std::size_t j = 0; j < 32; j += 8) {
      _mm256_stream_ps(to + i + j, _mm256_load_ps(from + i + j));
    }
  }
  _mm_sfence();
}
#endif

}  // namespace

std::vector<Copy> copies() {
  std::vector<Copy> all = {{"memcpy", by_memcpy}};
#if defined(__x86_64__)
  if (supports("avx2")) {
    all.push_back({"avx2", plain_256});
    all.push_back({"avx2 past the caches", stream_256});
  }
  if (supports("avx512")) {
    all.push_back({"avx512", plain_512});
    all.push_back({"avx512 past the caches", stream_512});
  }
#endif
  return all;
}

}  // namespace rectify::bench
