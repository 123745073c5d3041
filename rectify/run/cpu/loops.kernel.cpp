#include "rectify/run/cpu/loops.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

namespace {

void add_bias(const float* bias, float* y, std::int64_t rows, std::int64_t columns,
              std::int64_t stride) {
  for (std::int64_t r = 0; r < rows; ++r) {
    float* __restrict row = y + r * stride;
    for (std::int64_t c = 0; c < columns; ++c) row[c] += bias[c];
  }
}

void sum_rows(const float* y, float* __restrict sum, std::int64_t rows, std::int64_t columns,
              std::int64_t stride) {
  for (std::int64_t c = 0; c < columns; ++c) sum[c] = 0;
  for (std::int64_t r = 0; r < rows; ++r) {
    const float* row = y + r * stride;
    for (std::int64_t c = 0; c < columns; ++c) sum[c] += row[c];
  }
}

void add(const float* a, const float* b, float* y, std::size_t n) {
#pragma GCC ivdep
  for (std::size_t i = 0; i < n; ++i) y[i] = a[i] + b[i];
}

// Philox4x32-10 for many blocks at once: base/random.h says what it is, its test holds the two
// equal.
struct Words {
  static constexpr int blocks = 16;
  std::uint32_t w[4][blocks];
};

inline void philox(Words& out, std::uint64_t block, std::uint64_t seed, std::uint32_t stream,
                   std::uint32_t step) {
  std::uint32_t k0 = static_cast<std::uint32_t>(seed), k1 = static_cast<std::uint32_t>(seed >> 32);
  for (int i = 0; i < Words::blocks; ++i) {
    out.w[0][i] = static_cast<std::uint32_t>(block + i);
    out.w[1][i] = static_cast<std::uint32_t>((block + i) >> 32);
    out.w[2][i] = step;
    out.w[3][i] = stream;
  }
  for (int round = 0; round < 10; ++round) {
    for (int i = 0; i < Words::blocks; ++i) {
      const std::uint64_t p0 = std::uint64_t{0xD2511F53} * out.w[0][i];
      const std::uint64_t p1 = std::uint64_t{0xCD9E8D57} * out.w[2][i];
      out.w[0][i] = static_cast<std::uint32_t>(p1 >> 32) ^ out.w[1][i] ^ k0;
      out.w[1][i] = static_cast<std::uint32_t>(p1);
      out.w[2][i] = static_cast<std::uint32_t>(p0 >> 32) ^ out.w[3][i] ^ k1;
      out.w[3][i] = static_cast<std::uint32_t>(p0);
    }
    k0 += 0x9E3779B9;
    k1 += 0xBB67AE85;
  }
}

void dropout(const float* x, float* y, std::size_t first, std::size_t n, std::uint64_t seed,
             std::uint32_t stream, std::uint32_t step, std::uint32_t threshold, float scale) {
  constexpr std::size_t chunk = 4 * Words::blocks;
  Words words;
  for (std::size_t at = 0; at < n; at += chunk) {
    philox(words, (first + at) / 4, seed, stream, step);
    float factor[chunk];
    for (int i = 0; i < Words::blocks; ++i)
      for (int k = 0; k < 4; ++k) factor[4 * i + k] = words.w[k][i] >= threshold ? scale : 0.0f;
    const std::size_t count = n - at < chunk ? n - at : chunk;
    for (std::size_t i = 0; i < count; ++i) y[at + i] = x[at + i] * factor[i];
  }
}

}  // namespace

extern const Loops loops;
const Loops loops = {add_bias, sum_rows, add, dropout};

}  // namespace rectify::run::cpu::RECTIFY_ISA
