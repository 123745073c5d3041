#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/run/cpu/sparse/loops.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// How many of the numbers of a matrix are not its background, NaN among them, and how many entries
/// of pairs of rows that makes.
struct EntryCount {
  std::int64_t others = 0, entries = 0;
};

/// The rows of a matrix in pairs.
struct RowPairs {
  EntryCount count;
  const std::uint8_t* order;  ///< as PairedRows::order
  const std::uint8_t* any;    ///< by row: whether it has a number that is not the background
  float background;
};

/// Counts the numbers of a matrix, one of whose strides is 1, and pairs its rows, in scratch memory
/// that the next call takes again.
RowPairs pair_rows(const Matrix& a, float background, ThreadPool& threads);

/// The numbers of a matrix that are not its background: the ranges of all pairs of the first block,
/// then of the next. They are in scratch memory, too.
PairedRows list_entries(const Matrix& a, const RowPairs& pairs, ThreadPool& threads);

/// Says that pair_rows() and list_entries() will be called for a matrix of this shape, as
/// announce_scratch().
void announce_entries(const Matrix& a);

}  // namespace rectify::run::cpu
