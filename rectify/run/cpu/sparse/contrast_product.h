#pragma once

#include <cstddef>
#include <memory>

#include "rectify/run/cpu/kernel.h"
#include "rectify/run/cpu/product/product.h"
#include "rectify/run/cpu/sparse/sparse_product.h"
#include "rectify/tensor/buffer.h"

namespace rectify::run::cpu {

/// The direction in the weights of a contrast_weights node: x1^T h1 of the model less x0^T h0 of
/// the data, each a mean over its samples. It is one product: the rows of model and data stand one
/// above the other, those of the data negated. Where images and states are mostly zeros, these are
/// left out, of all rows or of the data's alone.
class ContrastProduct {
 public:
  explicit ContrastProduct(const Lowering& l);

  /// Computes it; `sink` gets it in parts of whole rows, or, null, the node's value.
  void run(const GradientSink* sink);

 private:
  void copy_unit_rows(std::size_t to);
  void tell(const Matrix& x, const RowGroups& rows, bool left_out) const;
  bool run_sparse(const GradientSink* sink);
  bool run_data_sparse(const GradientSink* sink);

  ThreadPool& threads_;
  std::size_t in_, out_, rows_, model_rows_;
  const float* given_[6] = {};  ///< x0 h0 x1 h1 m l
  float* value_;                ///< null where a sink takes it
  FactorZeros* zeros_;
  Buffer x_, h_;
  Product product_;
  std::unique_ptr<const SparseProduct> sparse_;  ///< of all rows; null: not worth counting
  std::unique_ptr<const SparseProduct> data_;    ///< null: not worth counting
};

}  // namespace rectify::run::cpu
