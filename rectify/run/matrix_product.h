#pragma once

#include <cstdint>
#include <functional>

#include "rectify/base/thread_pool.h"
#include "rectify/run/storage.h"

namespace rectify::run {

/// A matrix in the processor's memory: element (i, j) is i * row + j * column elements after the
/// first; one of the strides is 1. A product's factors may both be bfloat16.
struct Matrix {
  std::byte* data;
  std::int64_t rows, columns;
  std::int64_t row, column;
  Element element = Element::float32;

  Matrix transposed() const { return {data, columns, rows, column, row, element}; }
  /// So many rows and columns of it from an element on.
  Matrix part(std::int64_t first_row, std::int64_t some_rows, std::int64_t first_column,
              std::int64_t some_columns) const {
    const std::int64_t first = (first_row * row + first_column * column) * bytes_of(element);
    return {data ? data + first : nullptr, some_rows, some_columns, row, column, element};
  }
  /// The first element. Throws Error when the elements are no such numbers.
  template <class Number>
  Number* as() const {
    return Storage{data, element}.as<Number>();
  }
  float* floats() const { return as<float>(); }
};

/// Row-major, without gaps.
inline Matrix matrix(const Storage& storage, std::int64_t rows, std::int64_t columns) {
  return {storage.data, rows, columns, columns, 1, storage.element};
}
inline Matrix matrix(float* data, std::int64_t rows, std::int64_t columns) {
  return matrix(storage_of(data, static_cast<std::size_t>(rows * columns)), rows, columns);
}
/// Row-major, `stride` floats from row to row.
inline Matrix matrix(float* data, std::int64_t rows, std::int64_t columns, std::int64_t stride) {
  Matrix made = matrix(data, rows, columns);
  made.row = stride;
  return made;
}

/// c = a b, prepared once for given shapes and addresses, for what is no node of a graph: the
/// optimiser muon. The results are the same bits for any number of threads.
///
///     const MatrixProduct gram(x, x.transposed(), matrix(memory, n, n), threads);
///     gram.run();  // as often as x has changed
class MatrixProduct {
 public:
  /// All of floats. Throws Error when oneDNN cannot make it.
  MatrixProduct(const Matrix& a, const Matrix& b, const Matrix& c, ThreadPool& threads);
  void run() const { run_(); }

 private:
  std::function<void()> run_;
};

}  // namespace rectify::run
