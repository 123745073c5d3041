#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/run/cpu/sparse/loops.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// How many numbers of a matrix are not zero, NaN among them, and how many entries of pairs of
/// rows that makes. One of its strides is 1.
NonzeroCount count_nonzeros(const Matrix& a, ThreadPool& threads);

/// The nonzeros of a matrix.
struct Nonzeros {
  PairedRows blocks;        ///< the ranges of all pairs of the first block, then of the next
  const std::uint8_t* any;  ///< by row: whether it has one
};

/// Lists them, in scratch memory that the next call takes again.
Nonzeros list_nonzeros(const Matrix& a, ThreadPool& threads);

/// Says that list_nonzeros() will be called for a matrix of this shape, as announce_scratch().
void announce_nonzeros(const Matrix& a);

}  // namespace rectify::run::cpu
