#pragma once

#include <cstdint>

#include "rectify/base/thread_pool.h"
#include "rectify/run/cpu/sparse/loops.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// How many numbers of a matrix are not zero; NaN is none. One of its strides is 1.
std::int64_t count_nonzeros(const Matrix& a, ThreadPool& threads);

/// Lists the nonzeros of each row of `a` by blocks of sparse_loops().depth columns, in scratch
/// memory that the next call takes again. One of a's strides is 1.
NonzeroRows list_nonzeros(const Matrix& a, ThreadPool& threads);

/// Says that list_nonzeros() will be called for a matrix of this shape, as announce_scratch().
void announce_nonzeros(const Matrix& a);

}  // namespace rectify::run::cpu
