#pragma once

#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/product/product.h"

namespace rectify::run::cpu {

/// Kernel::sparse of operators that move the numbers of their first input: what is said of it.
bool as_sparse_as_input(const graph::Graph& graph, const graph::Node& node);

/// Whether input `factor` of the node may be mostly zeros and products may leave them out.
bool may_leave_out(const Lowering& l, std::size_t factor);

/// Whether it is worth counting the zeros of input `factor` of the node, which is a, before
/// c = a b: it may be mostly zeros, or the background of images, and the product is neither small
/// nor one of AMX's.
bool counts_zeros(const Lowering& l, std::size_t factor, const Matrix& a, const Matrix& c);

/// A step that computes c = a b and calls `epilogue` for its tiles. Where input `factor` of the
/// node, which is a, may be mostly zeros, or mostly the background of images, each run counts them,
/// and leaves them out if that is faster (SparseProduct). Otherwise it runs `dense`, which does the
/// same.
Step sparse_or(Step dense, const Lowering& l, std::size_t factor, const Matrix& a, const Matrix& b,
               const Matrix& c, Epilogue epilogue, std::shared_ptr<const void> context);

}  // namespace rectify::run::cpu
