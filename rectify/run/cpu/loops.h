#pragma once

#include <cstddef>
#include <cstdint>

#include "rectify/base/bfloat16.h"

namespace rectify::run::cpu {

/// Simple loops that the compiler vectorises, built once for each instruction set.
struct Loops {
  /// The largest |x[i]|; a NaN if there is one.
  float (*largest_magnitude)(const float* x, std::size_t n);
  float (*largest_magnitude_bfloat16)(const bfloat16* x, std::size_t n);
  /// y[i] = x[i], rounded to the nearest, halves to even.
  void (*to_bfloat16)(const float* x, bfloat16* y, std::size_t n);
  /// y[i] = x[i].
  void (*to_float32)(const bfloat16* x, float* y, std::size_t n);
  /// to[c][r] = from[r][c] for `rows` x `columns`, each matrix at a stride of its own.
  void (*transpose)(const float* from, std::int64_t from_stride, float* to, std::int64_t to_stride,
                    std::int64_t rows, std::int64_t columns);
  /// y[r][c] += bias[c] for `rows` x `columns` at `stride`.
  void (*add_bias)(const float* bias, float* y, std::int64_t rows, std::int64_t columns,
                   std::int64_t stride);
  /// sum[c] = sum over the rows of y[r][c], top to bottom.
  void (*sum_rows)(const float* y, float* sum, std::int64_t rows, std::int64_t columns,
                   std::int64_t stride);
  /// sum[c] = sum over the rows of a[r][c] * b[r][c], top to bottom, both at `stride`.
  void (*sum_products)(const float* a, const float* b, float* sum, std::int64_t rows,
                       std::int64_t columns, std::int64_t stride);
  /// y[c] += sum over the rows of x[r] * w[r][c], top to bottom. Rows whose x is 0 are not read.
  void (*add_scaled_rows)(const float* x, const float* w, float* y, std::int64_t rows,
                          std::int64_t columns, std::int64_t stride);
  /// y[r] = sum over c of w[r][c] * x[c], rows without gaps.
  void (*dot_rows)(const float* w, const float* x, float* y, std::int64_t rows,
                   std::int64_t columns);
  /// y[i] = a * x[i].
  void (*scale)(float a, const float* x, float* y, std::size_t n);
  /// y[i] = a where x[i] > 0, -a where x[i] < 0, else 0.
  void (*signs)(float a, const float* x, float* y, std::size_t n);
  /// y[i] = a[i] + b[i]; y may be a.
  void (*add)(const float* a, const float* b, float* y, std::size_t n);
  void (*add_bfloat16)(const bfloat16* a, const bfloat16* b, bfloat16* y, std::size_t n);
  /// y[i] = x[i] * scale + kept where the random word of element first + i is at least `threshold`,
  /// else `dropped` (a NaN stays one). Words come from Random(seed, stream, step); `first` is a
  /// multiple of 4; y may be x.
  void (*dropout)(const float* x, float* y, std::size_t first, std::size_t n, std::uint64_t seed,
                  std::uint32_t stream, std::uint32_t step, std::uint32_t threshold, float scale,
                  float kept, float dropped);
  /// y[i] = a[i] * b[i]; y may be a.
  void (*multiply)(const float* a, const float* b, float* y, std::size_t n);
  /// y[j] = max over i < pieces of x[i * stride + j], j < n; a NaN stays one.
  void (*largest)(const float* x, float* y, std::size_t n, std::size_t pieces, std::size_t stride);
  /// dx[i * stride + j] = dy[j] for the first i that has the largest x[i * stride + j], 0 for
  /// others.
  void (*largest_gradient)(const float* x, const float* dy, float* dx, std::size_t n,
                           std::size_t pieces, std::size_t stride);
  /// y[i] = low + (high - low) Random(seed, stream, step).uniform(first + i), rounded once from
  /// double; `first` is a multiple of 4.
  void (*uniform)(float* y, std::size_t first, std::size_t n, std::uint64_t seed,
                  std::uint32_t stream, std::uint32_t step, double low, double high);
  /// y[i] = Random(seed, stream, step).normal(first + i), but for the last place of the float;
  /// the same bits on every machine. `first` is a multiple of 4.
  void (*normal)(float* y, std::size_t first, std::size_t n, std::uint64_t seed,
                 std::uint32_t stream, std::uint32_t step);
};

/// The loops for this processor.
const Loops& loops();

}  // namespace rectify::run::cpu
