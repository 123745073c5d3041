#pragma once

#include <cstdint>
#include <vector>

#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/sparse/narrow_loops.h"
#include "rectify/run/weight_precision.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu {

/// Weights (in x out) as bfloat16 or int8, in the panels that narrow_loops() reads.
class NarrowWeights {
 public:
  /// Copies w, whose rows have no gaps. In int8 a unit of which a weight is not finite answers NaN;
  /// in bfloat16 it stays what it is.
  NarrowWeights(const Matrix& w, WeightPrecision precision, ThreadPool& threads);

  std::int64_t in() const { return in_; }
  std::int64_t out() const { return out_; }
  std::int64_t panels() const;
  /// Columns of a panel.
  std::int64_t columns(std::int64_t panel) const;
  /// y += the entries of a row, or of two, times the rows of a panel from row k on; in int8 without
  /// the scale.
  void add(const NarrowEntries& entries, std::int64_t panel, std::int64_t k, float* y,
           float* z) const;
  /// Multiplies some rows of sums by what a step of each unit's whole numbers is worth.
  void scale(const Matrix& y, std::int64_t panel) const;

 private:
  std::int64_t width(std::int64_t panel) const;  ///< columns, and zeros up to whole lanes
  template <class Weight>
  Weight* at(std::int64_t panel, std::int64_t k) const;
  void pack_bfloat16(const float* w, std::int64_t panel);
  void pack_int8(const float* w, std::int64_t panel);

  std::int64_t in_, out_;
  WeightPrecision precision_;
  Buffer packed_, scales_;
};

/// y = x w of weights that are kept narrow, meant for few rows x. A row of w is read where its
/// factor is not 0 in some row of x, and no other. Each sum is in the order of x's columns and does
/// not depend on the other rows, nor on the number of threads.
class NarrowProduct {
 public:
  NarrowProduct(Matrix x, const Matrix& w, Matrix y, WeightPrecision precision,
                ThreadPool& threads);

  /// Computes the product; `epilogue`, if any, sees each tile with `context`. Returns how many
  /// numbers of x are not 0, NaN among them.
  std::int64_t run(Epilogue epilogue = nullptr, const void* context = nullptr);

 private:
  /// One row, or two, in a stretch of x's columns.
  struct Group {
    NarrowEntries entries;
    std::int64_t row;
  };
  struct Stretch {
    std::vector<Group> groups;
    std::size_t count = 0;  ///< of groups that are in use
  };
  std::int64_t list(std::int64_t first_row, std::int64_t rows);
  std::int64_t list_stretch(const Matrix& x, std::int64_t k, Stretch& into, float* memory) const;
  void compute(std::int64_t panel, const Matrix& y) const;

  Matrix x_, y_;
  ThreadPool& threads_;
  NarrowWeights weights_;
  std::int64_t tiles_;
  std::vector<Stretch> stretches_;
};

}  // namespace rectify::run::cpu
