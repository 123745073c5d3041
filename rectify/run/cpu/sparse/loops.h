#pragma once

#include <cstddef>
#include <cstdint>

namespace rectify::run::cpu {

/// Where the numbers of some rows that are not zero stand, and what they are: values[i] stands in
/// column columns[i] of a block of `SparseLoops::depth` columns. Those of row r's block b are
/// starts[r * row + b] to starts[r * row + b + 1].
struct NonzeroRows {
  const float* values;
  const std::uint16_t* columns;
  const std::uint32_t* starts;
  std::int64_t row;  ///< starts from a row to the next
};

/// Where the sums of a block's columns are: those so far, and where they go, which may be the same.
struct Sums {
  const float* from;  ///< rows without gaps, each of whole lanes; null: none yet
  float* to;
  std::int64_t stride;   ///< from row to row of `to`
  std::int64_t columns;  ///< that are written
};

/// Memory that is soon read: `rows` of `bytes`.
struct Ahead {
  const std::byte* at;
  std::int64_t stride, rows, bytes;
};

/// Loops of products whose left factor is mostly zeros, built once for each instruction set.
struct SparseLoops {
  /// Columns of a panel of the right factor, and its rows that are packed at once: a packed block
  /// fits into the first cache, a row of it into half of the registers.
  std::int64_t panel, depth;
  std::int64_t lanes;  ///< columns of a panel are a multiple of it

  /// How many of n numbers are not zero; NaN is none.
  std::int64_t (*count)(const float* x, std::int64_t n);
  /// Appends those of n <= `depth` numbers that are not zero, with their places. There must be
  /// room for n + lanes. Returns how many they are.
  std::int64_t (*list)(const float* x, std::int64_t n, float* values, std::uint16_t* columns);
  /// packed[k][j] = b[k * stride + j] for `depth` x `columns`, from row to row columns rounded up
  /// to whole lanes, filled with zeros. Returns whether all of it is finite.
  bool (*pack)(const float* b, std::int64_t stride, std::int64_t depth, std::int64_t columns,
               float* packed);
  /// packed[k][j] = b[j * stride + k], else the same.
  bool (*pack_transposed)(const float* b, std::int64_t stride, std::int64_t depth,
                          std::int64_t columns, float* packed);
  /// to[r] = from[r] + the block's nonzeros of row r times the rows of `packed`, for `rows` rows,
  /// each in the order of columns. Meanwhile it prefetches what is `ahead`.
  void (*multiply)(const NonzeroRows& a, std::int64_t rows, const float* packed, const Sums& sums,
                   const Ahead& ahead);
};

/// The loops for this processor.
const SparseLoops& sparse_loops();

}  // namespace rectify::run::cpu
