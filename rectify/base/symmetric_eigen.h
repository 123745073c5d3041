#pragma once

#include <cstddef>
#include <span>
#include <vector>

namespace rectify {

/// Eigenvalues and eigenvectors of a symmetric matrix: matrix * axis(k) = values[k] * axis(k).
struct SymmetricEigen {
  std::vector<double> values;  // ascending
  std::vector<double> axes;    // one after the other, orthonormal; their signs are arbitrary

  std::span<const double> axis(std::size_t k) const {
    return std::span(axes).subspan(k * values.size(), values.size());
  }
};

/// Of a symmetric matrix of size * size numbers, of which one triangle is read.
///
///     const SymmetricEigen of = symmetric_eigen(std::vector<double>{2, 1, 1, 2}, 2);
///     // of.values is {1, 3}, of.axis(1) is (1, 1) / sqrt(2) or its negative
SymmetricEigen symmetric_eigen(std::span<const double> matrix, std::size_t size);

/// sum += rows' rows: `rows` are any number of rows of `size` numbers, `sum` is size * size.
void add_moments(std::span<const double> rows, std::size_t size, double* sum);

}  // namespace rectify
