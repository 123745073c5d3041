#pragma once

#include <cstddef>
#include <cstdint>
#include <memory>

#include "rectify/base/thread_pool.h"

namespace rectify::train {

/// Approximates the orthogonal matrix closest to a given one, whose singular values all become
/// about 1, by five Newton-Schulz iterations: X' = (a I + b A + c A A) X with A = X X^T. a, b and c
/// are those of Jordan et al. 2024 ("Muon: An optimizer for hidden layers in neural networks");
/// singular values end between about 0.7 and 1.2. A matrix of zeros stays zero. The bits do not
/// depend on the number of threads.
class Orthogonaliser {
 public:
  /// For matrices of rows x columns, row-major. `memory` is a scratch buffer of floats_needed(rows,
  /// columns) floats; objects that do not run at the same time may share it.
  Orthogonaliser(std::int64_t rows, std::int64_t columns, float* memory, ThreadPool& threads);

  ~Orthogonaliser();

  static std::size_t floats_needed(std::int64_t rows, std::int64_t columns);

  /// The place to write the matrix to before run().
  float* input() const { return x_[0]; }
  std::size_t size() const { return size_; }

  /// `squares`: the sum of the squares of all elements. Returns the result, in `memory`.
  const float* run(double squares) const;

 private:
  static constexpr int iterations = 5;

  ThreadPool& threads_;
  std::size_t size_, side_;
  float *x_[2], *gram_, *square_;
  struct Products;
  std::unique_ptr<Products> products_;
};

}  // namespace rectify::train
