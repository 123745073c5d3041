#pragma once

#include <cstdint>

#include "rectify/base/random.h"

namespace rectify::data {

/// The uses of random numbers for toys: each has its own steps of Stream::data, which no other kind
/// of data takes.
enum class ToyStep : std::uint32_t { classes, jitter, clutter, views /* and one a category */ };

inline Random toy_random(std::uint64_t seed, ToyStep step, bool train, std::uint32_t category = 0) {
  constexpr std::uint32_t first = 64;
  return Random(seed, static_cast<std::uint32_t>(Stream::data),
                first + 2 * (static_cast<std::uint32_t>(step) + category) + (train ? 1 : 0));
}

}  // namespace rectify::data
