#pragma once

#include <cstddef>
#include <type_traits>

#include "rectify/base/bfloat16.h"

namespace rectify::run::cpu {

/// What a row is normalised by: (x - mean - rest) * inverse. The mean takes two floats, so that
/// rows far from 0 keep their digits.
struct RowNumbers {
  float mean, rest, inverse;
};

/// Loops over values whose channels come last, kept as floats or as bfloat16.
template <class Number>
struct ChannelLoops {
  /// sum[c] += d, square[c] += d^2 over the rows, d = x - origin[c].
  void (*moments)(const Number* x, const float* origin, double* sum, double* square,
                  std::size_t rows, std::size_t columns, std::size_t stride);
  /// sum[c] += dy, product[c] += dy (x - origin[c]) over the rows.
  void (*channel_sums)(const Number* dy, const Number* x, const float* origin, double* sum,
                       double* product, std::size_t rows, std::size_t columns, std::size_t stride);

  /// The same over one sample of n numbers, rows of `width` of which the last may be shorter, and
  /// as sums, not added to: in float over short stretches, in double over these. sum and the other
  /// have `width` elements.
  void (*sample_moments)(const Number* x, const float* origin, double* sum, double* square,
                         std::size_t n, std::size_t width);
  void (*sample_sums)(const Number* dy, const Number* x, const float* origin, double* sum,
                      double* product, std::size_t n, std::size_t width);

  /// y = (x - mean[c]) factor[c] + shift[c] for n numbers, rows of `width` of which the last may be
  /// shorter. y may be x.
  void (*channels)(const Number* x, const float* mean, const float* factor, const float* shift,
                   Number* y, std::size_t n, std::size_t width);
  /// dx = factor[c] (dy - constant[c] - (x - mean[c]) slope[c]) for the same. dx may be dy.
  void (*channels_gradient)(const Number* dy, const Number* x, const float* mean,
                            const float* factor, const float* constant, const float* slope,
                            Number* dx, std::size_t n, std::size_t width);
};

/// The loops of normalisation, built once for each instruction set. Sums are taken in double
/// precision, or in float over stretches of a fixed length.
struct NormLoops {
  /// Over rows of `width` floats. `scale` and `shift`, one a column, may be null; y may be x, dx
  /// may be dy.
  using Forward = void (*)(const float* x, const float* scale, const float* shift, float* y,
                           std::size_t rows, std::size_t width, double epsilon);
  using Gradient = void (*)(const float* dy, const float* x, const float* scale, float* dx,
                            std::size_t rows, std::size_t width, double epsilon);
  using Numbers = void (*)(const float* x, RowNumbers* of, std::size_t rows, std::size_t width,
                           double epsilon);
  Forward layer_norm, rms_norm;
  Gradient layer_norm_gradient, rms_norm_gradient;
  Numbers layer_norm_numbers, rms_norm_numbers;

  /// For `rows` x `columns` at `stride`, each row normalised by its own numbers to z:
  /// sum[c] += dy, product[c] += dy z over the rows.
  void (*row_sums)(const float* dy, const float* x, const RowNumbers* of, double* sum,
                   double* product, std::size_t rows, std::size_t columns, std::size_t stride);
  /// factor[c] = scale[c] / sqrt(variance[c] + epsilon); scale may be null.
  void (*factors)(const float* variance, const float* scale, float* factor, std::size_t n,
                  double epsilon);

  ChannelLoops<float> floats;
  ChannelLoops<bfloat16> narrow;

  template <class Number>
  const ChannelLoops<Number>& channels() const {
    if constexpr (std::is_same_v<Number, bfloat16>)
      return narrow;
    else
      return floats;
  }
};

/// The loops for this processor.
const NormLoops& norm_loops();

}  // namespace rectify::run::cpu
