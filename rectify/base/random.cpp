#include "rectify/base/random.h"

#include <algorithm>
#include <cmath>
#include <numbers>

namespace rectify {

namespace {

std::array<double, 2> normal_pair_of(const std::array<std::uint32_t, 4>& w) {
  // Rounding can make the sum larger than 1; -log of that is negative and has no square root.
  const double u = std::min((w[0] + 0.5) * 0x1p-32 + w[1] * 0x1p-64, 1.0);
  const double angle = 2 * std::numbers::pi * ((w[2] + 0.5) * 0x1p-32);
  const double radius = std::sqrt(-2 * std::log(u));
  return {radius * std::cos(angle), radius * std::sin(angle)};
}

}  // namespace

std::array<double, 2> Random::normal_pair(std::uint64_t index) const {
  return normal_pair_of(words(index));
}

// A block depends only on its index, and the first inner loop calls no function of the C library:
// so the processor computes several blocks at once.
void Random::normal_pairs(std::uint64_t first, std::span<std::array<double, 2>> pairs) const {
  constexpr std::size_t most = 64;
  std::array<std::array<std::uint32_t, 4>, most> blocks;
  for (std::size_t begin = 0; begin < pairs.size(); begin += most) {
    const std::size_t count = std::min(most, pairs.size() - begin);
    for (std::size_t i = 0; i < count; ++i) blocks[i] = words(first + begin + i);
    for (std::size_t i = 0; i < count; ++i) pairs[begin + i] = normal_pair_of(blocks[i]);
  }
}

}  // namespace rectify
