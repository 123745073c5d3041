#pragma once

#include <array>
#include <cstddef>
#include <cstdint>
#include <span>
#include <utility>

#include "rectify/base/random.h"

namespace rectify::data {

/// Permutes `values` in place; all orders are equally likely (Fisher and Yates; Knuth, algorithm
/// 3.4.2P). The exchange with position i uses the word of `random` at index i, so these words must
/// not be used for anything else. At most 2^32 values.
template <class Value>
void shuffle(std::span<Value> values, const Random& random) {
  std::array<std::uint32_t, 4> block{};
  bool have_block = false;
  for (std::size_t i = values.size(); i-- > 1;) {
    if (!have_block || i % 4 == 3) block = random.words(i / 4);
    have_block = true;
    const std::uint64_t bound = i + 1;
    std::swap(values[i], values[static_cast<std::size_t>(block[i % 4] * bound >> 32)]);
  }
}

}  // namespace rectify::data
