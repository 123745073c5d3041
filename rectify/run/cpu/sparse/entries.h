#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/run/cpu/sparse/loops.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// How many numbers of a matrix are not `background`, NaN among them, and how many entries of
/// pairs of rows that makes. One of its strides is 1.
EntryCount count_entries(const Matrix& a, float background, ThreadPool& threads);

/// The numbers of a matrix that are not its background.
struct Entries {
  PairedRows blocks;        ///< the ranges of all pairs of the first block, then of the next
  const std::uint8_t* any;  ///< by row: whether it has one
};

/// Lists them, in scratch memory that the next call takes again.
Entries list_entries(const Matrix& a, float background, ThreadPool& threads);

/// Says that list_entries() will be called for a matrix of this shape, as announce_scratch().
void announce_entries(const Matrix& a);

}  // namespace rectify::run::cpu
