#pragma once

#include <cmath>
#include <cstdint>

#include "rectify/base/random.h"

namespace rectify::run {

/// Where a random node's numbers come from: Random(seed, node_stream(node), step).
inline std::uint32_t node_stream(std::uint32_t stream) {
  return static_cast<std::uint32_t>(Stream::node) + stream;
}

/// An element is dropped when its random word is below this.
inline std::uint32_t dropout_threshold(double rate) {
  return static_cast<std::uint32_t>(std::floor(rate * 0x1p32));
}

}  // namespace rectify::run
