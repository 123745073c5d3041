#pragma once

#include <cstddef>
#include <cstdint>

namespace rectify::run::cpu {

/// Simple loops that the compiler vectorises, built once for each instruction set.
struct Loops {
  /// y[r][c] += bias[c] for `rows` x `columns` at `stride`.
  void (*add_bias)(const float* bias, float* y, std::int64_t rows, std::int64_t columns,
                   std::int64_t stride);
  /// sum[c] = sum over the rows of y[r][c], top to bottom.
  void (*sum_rows)(const float* y, float* sum, std::int64_t rows, std::int64_t columns,
                   std::int64_t stride);
  /// y[i] = a[i] + b[i]; y may be a.
  void (*add)(const float* a, const float* b, float* y, std::size_t n);
  /// y[i] = x[i] * scale where the random word of element first + i is at least `threshold`, else
  /// 0. Words come from Random(seed, stream, step); `first` is a multiple of 4; y may be x.
  void (*dropout)(const float* x, float* y, std::size_t first, std::size_t n, std::uint64_t seed,
                  std::uint32_t stream, std::uint32_t step, std::uint32_t threshold, float scale);
};

/// The loops for this processor.
const Loops& loops();

}  // namespace rectify::run::cpu
