#pragma once

#include <cstddef>
#include <cstdint>

#include "rectify/base/bfloat16.h"

namespace rectify::run::cpu {

/// So many entries before their turn rows of weights are asked for.
inline constexpr std::int64_t narrow_ahead = 16;

/// Where the numbers of one row, or of two, are that are not 0, and what they are.
struct NarrowEntries {
  const std::uint16_t* places;  ///< from a stretch's first; `narrow_ahead` more are read, whatever
  const float* first;
  const float* second;  ///< of the second row; 0 where only the first has one. Null: there is none
  std::int64_t count;
};

/// Loops of products with weights of fewer than 32 bits, built once for each instruction set. A
/// panel is some columns of the weights, row after row without gaps.
struct NarrowLoops {
  std::int64_t panel;  ///< columns, of which the sums of a row, or of two, are kept in registers
  std::int64_t lanes;  ///< a last panel has as many columns as there are, rounded up to these

  /// y[j] += first[e] * panel[places[e]][j] for all entries e in their order and `columns` columns
  /// j; z, which is null where there is no second row, alike. The weights are widened to floats.
  void (*add_int8)(const NarrowEntries& entries, const std::int8_t* panel, std::int64_t columns,
                   float* y, float* z);
  void (*add_bfloat16)(const NarrowEntries& entries, const bfloat16* panel, std::int64_t columns,
                       float* y, float* z);
};

/// The loops for this processor.
const NarrowLoops& narrow_loops();

}  // namespace rectify::run::cpu
