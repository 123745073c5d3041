#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/base/bfloat16.h"

namespace rectify::activation {

/// The loops of one row for one instruction set. f is the row's function with the parameters p.
/// Arrays need no alignment. An output array may be the same as an input of the same type and size;
/// other overlaps are not allowed. Some functions are null for rows that cannot use them; their
/// comments say when.
struct Kernels {
  /// y[i] = f(x[i]) for i in [0, n).
  void (*forward)(const float* x, float* y, std::size_t n, const Parameters& p);
  /// dx[i] = dy[i] f'(x[i]).
  void (*backward)(const float* x, const float* dy, float* dx, std::size_t n, const Parameters& p);
  /// backward, computed from y = f(x), so that x need not be kept in memory. Null unless
  /// Row::output_slope is set; correct only for parameters that Row::from_output accepts. Near a
  /// saturation value, y no longer shows how far away it was: the slope is then wrong by up to the
  /// spacing of floats there.
  void (*backward_from_output)(const float* y, const float* dy, float* dx, std::size_t n,
                               const Parameters& p);

  /// y = f(x + bias): x and y are (rows, columns) matrices, bias has one number for each column.
  void (*forward_bias)(const float* x, const float* bias, float* y, std::size_t rows,
                       std::size_t columns, const Parameters& p);
  /// y = f(x) for (rows, columns) matrices. Counts for each column c the matrix rows in which y is
  /// exactly 0, and adds the count to zeros[c]; likewise for y above 0 and firing[c].
  void (*forward_counted)(const float* x, float* y, std::size_t rows, std::size_t columns,
                          std::uint32_t* zeros, std::uint32_t* firing, const Parameters& p);

  /// y[i] = f(x[i]). Bit i % 8 of mask[i / 8] is 1 where f'(x[i]) is not 0; unused bits of the last
  /// byte are 0. Null unless the derivative is always 0 or 1 (Row::mask_slope, which must also
  /// accept the parameters).
  void (*forward_mask)(const float* x, float* y, std::uint8_t* mask, std::size_t n,
                       const Parameters& p);
  /// dx[i] = dy[i] where the mask's bit is 1, else 0.
  void (*backward_mask)(const std::uint8_t* mask, const float* dy, float* dx, std::size_t n);

  /// forward and backward for bfloat16 numbers: computed in float, rounded once.
  void (*forward_bfloat16)(const bfloat16* x, bfloat16* y, std::size_t n, const Parameters& p);
  void (*backward_bfloat16)(const bfloat16* x, const bfloat16* dy, bfloat16* dx, std::size_t n,
                            const Parameters& p);

  /// forward and backward with a[i], the element's own value of the row's varying number. Null for
  /// a row without a varying number (Varying::none).
  void (*forward_varying)(const float* x, const float* a, float* y, std::size_t n);
  void (*backward_varying)(const float* x, const float* a, const float* dy, float* dx,
                           std::size_t n);
  /// da[i] += dy[i] df/da(x[i], a[i]). Null unless the varying number is learned.
  void (*gradient_varying)(const float* x, const float* a, const float* dy, float* da,
                           std::size_t n);
};

/// The row's kernels for the instruction set that instruction_set() names.
const Kernels& kernels(const Row& row);

/// The row's backward kernel for what a network saves when it saves memory: the output where
/// Row::from_output(p), else the input.
using Backward = void (*)(const float* saved, const float* dy, float* dx, std::size_t n,
                          const Parameters& p);
Backward backward_of_saved(const Row& row, const Parameters& p);

/// The instruction set that kernels() uses: avx512, avx2 or baseline. It is the widest that this
/// processor has, unless RECTIFY_ISA in the environment names a narrower one.
std::string_view instruction_set();

/// The instruction sets that this processor can run, widest first; and a row's kernels for one of
/// them.
std::vector<std::string_view> instruction_sets();
const Kernels& kernels(const Row& row, std::string_view instruction_set);

}  // namespace rectify::activation
