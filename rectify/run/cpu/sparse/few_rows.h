#pragma once

#include <cstdint>
#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/product/product.h"

namespace rectify::run::cpu {

/// Rows of which so many are still few.
inline constexpr std::int64_t most_few_rows = 16;

/// Columns of a right factor, and its rows, that are read at once where it lies: half a million
/// bytes, which the second cache holds from one row of the left factor to the next.
inline constexpr std::int64_t columns_of_rows_a_tile = 512, rows_a_stretch = 256;

/// y = x w for a few rows x. Of w, which is not packed, only those rows are read whose factor is
/// not 0 in some row of x; so what is not finite among the others is not found. Each sum is in the
/// order of x's columns, whatever the number of threads.
class FewRows {
 public:
  FewRows(Matrix x, Matrix w, Matrix y, ThreadPool& threads);

  /// Whether it is faster than a dense product where x has so many numbers that are not 0.
  bool pays(std::int64_t nonzeros) const;
  std::int64_t count() const;  ///< numbers of x that are not 0, NaN among them
  void run(Epilogue epilogue, const void* context) const;

 private:
  Matrix x_, w_, y_;
  ThreadPool& threads_;
};

/// Whether x has at most `most_few_rows` rows and w is not trained, in whose products a weight that
/// is not finite has to be found.
bool has_few_rows(const Lowering& l, const Matrix& x);

/// sparse_or() of such products: a step that computes y = x w as FewRows where counting x in each
/// run says that this is faster, and otherwise runs `dense`, which does the same.
Step few_rows_or(Step dense, const Lowering& l, const Matrix& x, const Matrix& w, const Matrix& y,
                 Epilogue epilogue, std::shared_ptr<const void> context);

}  // namespace rectify::run::cpu
