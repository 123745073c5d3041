#include "rectify/train/optimise/orthogonal.h"

#include <algorithm>
#include <cmath>
#include <vector>

#include "rectify/run/matrix_product.h"

namespace rectify::train {

namespace {

using run::Matrix;
using run::matrix;
using run::MatrixProduct;

constexpr float a = 3.4445f, b = -4.7750f, c = 2.0315f;

/// Buffers begin on cache lines.
constexpr std::size_t lines(std::size_t floats) { return (floats + 15) / 16 * 16; }

/// Calls work(first, end) for tiles of [0, size).
template <class Work>
void for_tiles(ThreadPool& threads, std::size_t size, const Work& work) {
  constexpr std::size_t per_tile = 16384;
  threads.run((size + per_tile - 1) / per_tile, [&](std::size_t tile) {
    work(tile * per_tile, std::min(size, (tile + 1) * per_tile));
  });
}

}  // namespace

struct Orthogonaliser::Products {
  MatrixProduct square;
  std::vector<MatrixProduct> gram = {}, next = {};  ///< from x_[0], from x_[1]
};

Orthogonaliser::~Orthogonaliser() = default;

std::size_t Orthogonaliser::floats_needed(std::int64_t rows, std::int64_t columns) {
  const auto size = static_cast<std::size_t>(rows * columns);
  const auto side = static_cast<std::size_t>(std::min(rows, columns));
  return 2 * lines(size) + 2 * lines(side * side);
}

// The Gram matrix is that of the shorter side: X X^T from the left, or X^T X from the right.
Orthogonaliser::Orthogonaliser(std::int64_t rows, std::int64_t columns, float* memory,
                               ThreadPool& threads)
    : threads_(threads),
      size_(static_cast<std::size_t>(rows * columns)),
      side_(static_cast<std::size_t>(std::min(rows, columns))),
      x_{memory, memory + lines(size_)},
      gram_(x_[1] + lines(size_)),
      square_(gram_ + lines(side_ * side_)) {
  const bool wide = rows <= columns;
  const std::int64_t side = std::min(rows, columns);
  const Matrix gram = matrix(gram_, side, side), square = matrix(square_, side, side);
  products_.reset(new Products{MatrixProduct(gram, gram, square, threads)});
  for (int i = 0; i < 2; ++i) {
    const Matrix x = matrix(x_[i], rows, columns), next = matrix(x_[1 - i], rows, columns);
    const Matrix turned = x.transposed();
    products_->gram.push_back(wide ? MatrixProduct(x, turned, gram, threads)
                                   : MatrixProduct(turned, x, gram, threads));
    products_->next.push_back(wide ? MatrixProduct(gram, x, next, threads)
                                   : MatrixProduct(x, gram, next, threads));
  }
}

const float* Orthogonaliser::run(double squares) const {
  // No singular value is larger than the root of the sum of their squares.
  const auto norm = static_cast<float>(std::sqrt(squares) + 1e-7);
  for_tiles(threads_, size_, [&](std::size_t first, std::size_t end) {
    for (std::size_t i = first; i < end; ++i) x_[0][i] /= norm;
  });
  for (int i = 0; i < iterations; ++i) {
    products_->gram[i % 2].run();
    products_->square.run();
    for_tiles(threads_, side_ * side_, [&](std::size_t first, std::size_t end) {
      for (std::size_t k = first; k < end; ++k)
        gram_[k] = b * gram_[k] + c * square_[k] + (k % (side_ + 1) == 0 ? a : 0.0f);
    });
    products_->next[i % 2].run();
  }
  return x_[iterations % 2];
}

}  // namespace rectify::train
