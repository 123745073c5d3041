#pragma once

#include <cstddef>

namespace rectify::run::cpu {

/// A block of units, channels last: tap (i, j) of channel c is element i row + j channels + c.
struct BlockSize {
  std::size_t size, row, channels;
};

/// Loops over the channels of one block. Built once for each instruction set.
struct BlockLoops {
  /// y = exp(x) / (1 + sum of exp(x) over the block).
  void (*mean)(const BlockSize& block, const float* x, float* y);
  /// One unit of a channel is 1 or none, by the uniform number u of the channel.
  void (*sample)(const BlockSize& block, const float* x, const float* u, float* y);
};

/// The loops for this processor.
const BlockLoops& block_loops();

}  // namespace rectify::run::cpu
