#pragma once

#include <cstddef>
#include <cstdint>
#include <string_view>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/base/bfloat16.h"

namespace rectify::activation {

/// The loops over one row for one instruction set; f is the row's function with the parameters p.
/// Arrays need no alignment. An output may be any input of the same type and size; other overlaps
/// are not allowed. A function that its row has no use for is null, and says so.
struct Kernels {
  /// y[i] = f(x[i]) for i in [0, n).
  void (*forward)(const float* x, float* y, std::size_t n, const Parameters& p);
  /// dx[i] = dy[i] f'(x[i]).
  void (*backward)(const float* x, const float* dy, float* dx, std::size_t n, const Parameters& p);
  /// The same from y = f(x), which spares the memory of x; null unless Row::output_slope is there,
  /// and right for the parameters that Row::from_output accepts. An output that saturates no longer
  /// knows how closely: the slope is then off by the spacing of floats at the saturation value.
  void (*backward_from_output)(const float* y, const float* dy, float* dx, std::size_t n,
                               const Parameters& p);

  /// y = f(x + bias): x and y are (rows, columns), bias has a number a column.
  void (*forward_bias)(const float* x, const float* bias, float* y, std::size_t rows,
                       std::size_t columns, const Parameters& p);
  /// y = f(x) over (rows, columns); adds to zeros[c] and firing[c] in how many rows y was exactly 0
  /// and above 0.
  void (*forward_counted)(const float* x, float* y, std::size_t rows, std::size_t columns,
                          std::uint32_t* zeros, std::uint32_t* firing, const Parameters& p);

  /// y[i] = f(x[i]), and bit i % 8 of mask[i / 8] says whether f'(x[i]) is not 0; the last byte is
  /// filled with zeros. Null unless the derivative is only ever 0 or 1 (Row::mask_slope, which must
  /// also accept the parameters).
  void (*forward_mask)(const float* x, float* y, std::uint8_t* mask, std::size_t n,
                       const Parameters& p);
  /// dx[i] = dy[i] where the mask has a one, else 0.
  void (*backward_mask)(const std::uint8_t* mask, const float* dy, float* dx, std::size_t n);

  /// forward and backward on numbers kept as bfloat16; computed in float, rounded once.
  void (*forward_bfloat16)(const bfloat16* x, bfloat16* y, std::size_t n, const Parameters& p);
  void (*backward_bfloat16)(const bfloat16* x, const bfloat16* dy, bfloat16* dx, std::size_t n,
                            const Parameters& p);

  /// forward and backward with a number a[i] of the element's own in the place of the row's varying
  /// one; null for a row without (Varying::none).
  void (*forward_varying)(const float* x, const float* a, float* y, std::size_t n);
  void (*backward_varying)(const float* x, const float* a, const float* dy, float* dx,
                           std::size_t n);
  /// da[i] += dy[i] df/da(x[i], a[i]); null unless the number is learned.
  void (*gradient_varying)(const float* x, const float* a, const float* dy, float* da,
                           std::size_t n);
};

/// The row's loops for the widest instruction set that this processor has.
const Kernels& kernels(const Row& row);

/// Its backward for what a frugal network saves: the output where Row::from_output(p), else the
/// input.
using Backward = void (*)(const float* saved, const float* dy, float* dx, std::size_t n,
                          const Parameters& p);
Backward backward_of_saved(const Row& row, const Parameters& p);

/// avx512, avx2 or baseline: what kernels() answers with. RECTIFY_ISA in the environment lowers it.
std::string_view instruction_set();

/// Instruction sets that this processor can run, widest first, and a row's loops for one of them.
std::vector<std::string_view> instruction_sets();
const Kernels& kernels(const Row& row, std::string_view instruction_set);

}  // namespace rectify::activation
