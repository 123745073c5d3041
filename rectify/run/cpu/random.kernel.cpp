#include "rectify/run/cpu/random_loops.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::run::cpu::RECTIFY_ISA {

namespace {

// Philox4x32-10 for many blocks at once: base/random.h says what it is, its test holds the two
// equal.
struct Words {
  /// GCC unrolls a loop of up to 16 rounds away before it can vectorise it: with 16 blocks dropout
  /// took 4.3 ns an element, with 32 it takes 1.0 (AVX-512) to 1.8 (AVX2).
  static constexpr int blocks = 32;
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

/// The word as a number; as signed first, because processors before AVX-512 convert only those.
inline double number(std::uint32_t word) {
  return static_cast<double>(static_cast<std::int32_t>(word ^ 0x80000000u)) + 0x1p31;
}

// Box and Muller's pairs for a block of words, in loops over arrays that compilers can vectorise:
// numbers of one size in each, no branches.

/// radius[i] = sqrt(-2 ln u), u in (0, 1] from two words. With u = m 2^e, m around 1, ln m is
/// 2 artanh((m - 1) / (m + 1)), within 1e-11 of itself.
void normal_radius(const Words& words, double* __restrict radius) {
  constexpr int n = Words::blocks;
  constexpr std::uint64_t root_half = 0x3fe6a09e667f3bcd;  // the bits of sqrt(1/2)
  constexpr std::uint64_t mantissa = 0xfffffffffffff, two_52 = 0x4330000000000000;
  double u[n], m[n], e[n];
  for (int i = 0; i < n; ++i) {
    const double sum = (number(words.w[0][i]) + 0.5) * 0x1p-32 + number(words.w[1][i]) * 0x1p-64;
    u[i] = sum < 1 ? sum : 1;
  }
  std::uint64_t bits[n], exponent[n];
  __builtin_memcpy(bits, u, sizeof bits);
  for (int i = 0; i < n; ++i) {
    const std::uint64_t from_root = bits[i] - root_half + (std::uint64_t{1024} << 52);
    exponent[i] = two_52 | from_root >> 52;  // as a double, 2^52 + e + 1024
    bits[i] = (from_root & mantissa) + root_half;
  }
  __builtin_memcpy(m, bits, sizeof bits);
  __builtin_memcpy(e, exponent, sizeof exponent);
  for (int i = 0; i < n; ++i) {
    const double s = (m[i] - 1) / (m[i] + 1), t = s * s;
    const double tail = 1. / 7 + t * (1. / 9 + t * (1. / 11 + t * (1. / 13)));
    const double artanh = s * (1 + t * (1. / 3 + t * (1. / 5 + t * tail)));
    const double ln = (e[i] - (0x1p52 + 1024)) * 0.6931471805599453 + 2 * artanh;
    radius[i] = __builtin_sqrt(-2 * ln);
  }
}

/// The floats first[i] = radius[i] cos(a), second[i] = radius[i] sin(a), a = 2 pi times the third
/// word's share: the middle of a quarter plus t, |t| <= pi / 4.
void normal_pairs(const Words& words, const double* radius, float* __restrict first,
                  float* __restrict second) {
  constexpr int n = Words::blocks;
  float x[n], y[n];
  for (int i = 0; i < n; ++i) {
    const double share = (number(words.w[2][i] & 0x3fffffff) + 0.5) * 0x1p-32 - 0.125;
    const double t = share * 6.283185307179586, q = t * t;
    const double s = 1. / 120 - q * (1. / 5040 - q * (1. / 362880 - q * (1. / 39916800)));
    const double sine = t * (1 - q * (1. / 6 - q * s));
    const double c = 1. / 720 - q * (1. / 40320 - q * (1. / 3628800 - q * (1. / 479001600)));
    const double cosine = 1 - q * (1. / 2 - q * (1. / 24 - q * c));
    const double scaled = radius[i] * 0.7071067811865476;
    x[i] = static_cast<float>((cosine - sine) * scaled);
    y[i] = static_cast<float>((cosine + sine) * scaled);
  }
  std::uint32_t along[n], across[n];
  __builtin_memcpy(along, x, sizeof x);
  __builtin_memcpy(across, y, sizeof y);
  for (int i = 0; i < n; ++i) {
    const std::uint32_t w = words.w[2][i], top = 0x80000000u;
    const std::uint32_t odd = 0u - (w >> 30 & 1), swap = (along[i] ^ across[i]) & odd;
    // Cosines are negative in the second and third quarter, sines in the third and fourth.
    along[i] = (along[i] ^ swap) ^ ((w ^ w << 1) & top);
    across[i] = (across[i] ^ swap) ^ (w & top);
  }
  __builtin_memcpy(first, along, sizeof along);
  __builtin_memcpy(second, across, sizeof across);
}

}  // namespace

void dropout(const float* x, float* y, std::size_t first, std::size_t n, std::uint64_t seed,
             std::uint32_t stream, std::uint32_t step, std::uint32_t threshold, float scale,
             float kept, float dropped) {
  constexpr std::size_t chunk = 4 * Words::blocks;
  Words words;
  for (std::size_t at = 0; at < n; at += chunk) {
    philox(words, (first + at) / 4, seed, stream, step);
    float factor[chunk], shift[chunk];
    for (int i = 0; i < Words::blocks; ++i)
      for (int k = 0; k < 4; ++k) {
        const bool keeps = words.w[k][i] >= threshold;
        factor[4 * i + k] = keeps ? scale : 0.0f;
        shift[4 * i + k] = keeps ? kept : dropped;
      }
    const std::size_t count = n - at < chunk ? n - at : chunk;
    for (std::size_t i = 0; i < count; ++i) y[at + i] = x[at + i] * factor[i] + shift[i];
  }
}

void uniform(float* y, std::size_t first, std::size_t n, std::uint64_t seed, std::uint32_t stream,
             std::uint32_t step, double low, double high) {
  constexpr std::size_t chunk = 4 * Words::blocks;
  Words words;
  for (std::size_t at = 0; at < n; at += chunk) {
    philox(words, (first + at) / 4, seed, stream, step);
    float drawn[chunk];
    for (int i = 0; i < Words::blocks; ++i)
      for (int k = 0; k < 4; ++k)
        drawn[4 * i + k] =
            static_cast<float>(low + (high - low) * ((number(words.w[k][i]) + 0.5) * 0x1p-32));
    const std::size_t count = n - at < chunk ? n - at : chunk;
    for (std::size_t i = 0; i < count; ++i) y[at + i] = drawn[i];
  }
}

void normal(float* y, std::size_t first, std::size_t n, std::uint64_t seed, std::uint32_t stream,
            std::uint32_t step) {
  constexpr std::size_t chunk = 2 * Words::blocks;
  Words words;
  for (std::size_t at = 0; at < n; at += chunk) {
    philox(words, (first + at) / 2, seed, stream, step);
    double radius[Words::blocks];
    float even[Words::blocks], odd[Words::blocks], drawn[chunk];
    normal_radius(words, radius);
    normal_pairs(words, radius, even, odd);
    for (int i = 0; i < Words::blocks; ++i) drawn[2 * i] = even[i], drawn[2 * i + 1] = odd[i];
    const std::size_t count = n - at < chunk ? n - at : chunk;
    for (std::size_t i = 0; i < count; ++i) y[at + i] = drawn[i];
  }
}

}  // namespace rectify::run::cpu::RECTIFY_ISA
