#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/run/cpu/sparse/loops.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// How many rows share a list of entries on this processor: two where loads are what it is short
/// of, since what is loaded then serves both; one where it loads as many vectors as it multiplies
/// (docs/decisions/0025). The sums are the same bits either way.
std::int64_t rows_a_group();

/// Columns of a block of a matrix with so many: equal parts of them, of at most the depth that its
/// grouping of rows allows.
std::int64_t block_depth(std::int64_t columns, std::int64_t rows_a_group);

/// How many of the numbers of a matrix are not its background, NaN among them, and how many entries
/// of groups of rows that makes.
struct EntryCount {
  std::int64_t others = 0, entries = 0;
};

/// The rows of a matrix in groups.
struct RowGroups {
  EntryCount count;
  const std::uint8_t* order;  ///< as GroupedRows::order
  const std::uint8_t* any;    ///< by row: whether it has a number that is not the background
  float background;
  std::int64_t rows_a_group;
};

/// Counts the numbers of a matrix, one of whose strides is 1, and groups its rows by so many, 1 or
/// 2, in scratch memory that the next call takes again.
RowGroups group_rows(const Matrix& a, float background, ThreadPool& threads,
                     std::int64_t rows_a_group = cpu::rows_a_group());

/// The numbers of a matrix that are not its background: the ranges of all groups of the first
/// block, then of the next. They are in scratch memory, too.
GroupedRows list_entries(const Matrix& a, const RowGroups& groups, ThreadPool& threads);

/// Says that group_rows() and list_entries() will be called for a matrix of this shape, as
/// announce_scratch().
void announce_entries(const Matrix& a);

}  // namespace rectify::run::cpu
