#pragma once

#include <cstddef>

namespace rectify::run::cpu {

/// The K largest numbers above 0 of each of `rows` rows of `width` floats, the others 0, and the
/// gradient; graph/ops/top_k.cpp says what they do with equal numbers and NaN. y may be x, dx may
/// be dy. Built once for each instruction set.
struct TopKLoops {
  /// `list` has room for `width` floats and one vector of 16 more.
  void (*top_k)(const float* x, float* y, std::size_t rows, std::size_t width, std::size_t keep,
                float* list);
  void (*gradient)(const float* y, const float* dy, float* dx, std::size_t count);
};

/// The loops for this processor.
const TopKLoops& top_k_loops();

}  // namespace rectify::run::cpu
