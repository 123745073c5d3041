#pragma once

#include <cstddef>
#include <cstdint>

#include "rectify/base/bfloat16.h"

namespace rectify::run::cpu {

/// Rows among which each row's partner is sought, where rows are taken in pairs.
inline constexpr std::int64_t pairing_window = 32;

/// The numbers of the rows of a matrix that are not its background, mostly 0, by groups of one row
/// or two: of a pair all columns in which one of the two is another number, so that what is loaded
/// for a column serves both. These are the entries of one block of `RowGrouping::depth` columns,
/// which are counted from its first; those of group g are groups[g].begin to groups[g].end.
struct GroupedRows {
  struct Range {
    std::uint32_t begin, end;
  };
  const std::uint16_t* columns;
  const float* first;   ///< of each entry the number of the group's first row, less the background
  const float* second;  ///< that of the second; 0 where there is none. Null: all groups are single
  const Range* groups;
  /// Which rows the groups consist of, one after the other: the number of each in its window.
  const std::uint8_t* order;
  float background;
};

/// Where the sums of a block's columns are: those so far, and where they go, which may be the same.
struct Sums {
  const float* from;  ///< rows without gaps, each of whole lanes; null: none yet
  float* to;
  std::int64_t stride;   ///< from row to row of `to`
  std::int64_t columns;  ///< that are written
  bool in_order;         ///< whether row r goes to row r, not to where it stands among the pairs
};

/// Memory that is soon read: `rows` of `bytes`.
struct Ahead {
  const std::byte* at;
  std::int64_t stride, rows, bytes;
};

/// What each part of a product costs, in multiply-adds of a dense product on the same processor:
/// fitted to the times that bench/sparse.cpp prints (docs/decisions/0025).
struct SparseCosts {
  double entry;   ///< times a column of the result
  double visit;   ///< of a row's sums in a block and a panel: loading, storing, an end of a loop
  double pack;    ///< of a number of the right factor
  double list;    ///< of a number of the left factor: counting and listing
  double result;  ///< of a number of the result
};

/// The same of a few rows of the left factor, for which the right one is read where it lies
/// (FewRows).
struct FewRowsCosts {
  double entry;  ///< times a column of the result
  double read;   ///< of a number of the right factor's rows that are read
  double visit;  ///< of a number of the result, for each stretch of the right factor's rows
  double least;  ///< rows that a dense product takes no more time for than for one
};

/// What depends on how many rows share a list of entries.
struct RowGrouping {
  std::int64_t depth;  ///< rows of the right factor that are packed at once
  SparseCosts costs;
};

/// Loops that pack blocks of a right factor that consists of such numbers.
template <class Number>
struct PackLoops {
  using Loop = bool (*)(const Number* b, std::int64_t stride, std::int64_t depth,
                        std::int64_t columns, float* packed);
  /// packed[k][j] = b[k * stride + j] for `depth` x `columns`, from row to row columns rounded up
  /// to whole lanes, filled with zeros. After the last row come the sums of the columns. Returns
  /// whether all of it is finite.
  Loop rows;
  /// packed[k][j] = b[j * stride + k], else the same.
  Loop columns;
};

/// Loops of products whose left factor is mostly zeros, built once for each instruction set.
struct SparseLoops {
  /// Columns of a panel of the right factor: a packed block of it and some rows fits into the first
  /// cache, or nearly, and two rows of sums into the registers.
  std::int64_t panel;
  std::int64_t lanes;  ///< panels are a multiple of it
  RowGrouping single, pairs;
  FewRowsCosts few_rows_costs;

  /// Bit i of `bits`, which are whole words, says whether row[i] is not the background; NaN is
  /// not. Returns how many are not.
  std::int64_t (*mark)(const float* row, std::int64_t n, float background, std::uint64_t* bits);
  /// Marks columns of a matrix of n rows: any[c] says whether one of
  /// column c's numbers is not the background. Returns how many of all are not.
  std::int64_t (*mark_columns)(const float* a, std::int64_t stride, std::int64_t n,
                               std::int64_t width, float background, std::uint8_t* any);
  /// Pairs rows, at most `pairing_window`, whose marks of `words` words lie one after the other, so
  /// that those of a pair have much in common: each takes the best of what is left, or the next
  /// where most are marked. A row without a partner is the last. Returns how many entries the pairs
  /// have; `marked` is by row.
  std::int64_t (*pair)(const std::uint64_t* bits, std::int64_t words, const std::int64_t* marked,
                       std::int64_t rows, std::uint8_t* order);
  /// Appends the entries of n columns, at most those of a block. There must be room for n + lanes.
  /// Returns how many they are. `second` is null where there is one row.
  std::int64_t (*list)(const float* first, const float* second, std::int64_t n, float background,
                       std::uint16_t* columns, float* of_first, float* of_second);
  PackLoops<float> pack;
  PackLoops<bfloat16> pack_bfloat16;
  /// to[r] = from[r] + row r's numbers in the block times the `depth` rows of `packed`, for `rows`
  /// rows from a window's first on, each sum in the order of columns, what the background gives
  /// first. `from` is in the order of the groups. Meanwhile it prefetches what is `ahead`.
  void (*multiply)(const GroupedRows& a, std::int64_t rows, const float* packed, std::int64_t depth,
                   const Sums& sums, const Ahead& ahead);

  const RowGrouping& grouping(std::int64_t rows_a_group) const {
    return rows_a_group == 1 ? single : pairs;
  }
};

/// The loops for this processor.
const SparseLoops& sparse_loops();

}  // namespace rectify::run::cpu
