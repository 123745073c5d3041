#pragma once

// Factors of products that are mostly zeros, and what their products must be.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdint>
#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/run/matrix_product.h"

namespace rectify::run::cpu {

/// Normal numbers, of which about `density` are not zero.
inline std::vector<float> sparse_numbers(std::int64_t count, double density, std::uint32_t stream) {
  const Random random(9, stream), kept(10, stream);
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    if (kept.uniform(i) < density) numbers[i] = static_cast<float>(random.normal(i));
  return numbers;
}

inline double at(const Matrix& m, std::int64_t i, std::int64_t j) {
  return m.floats()[i * m.row + j * m.column];
}

inline void expect_sum_of_products(const Matrix& a, const Matrix& b, const Matrix& c,
                                   const std::string& what) {
  const auto width = static_cast<std::size_t>(c.columns);
  std::vector<double> right;  // b, row by row
  for (std::int64_t k = 0; k < b.rows; ++k)
    for (std::int64_t j = 0; j < b.columns; ++j) right.push_back(at(b, k, j));
  std::vector<double> want(width), size(width);
  for (std::int64_t i = 0; i < c.rows; ++i) {
    std::ranges::fill(want, 0);
    std::ranges::fill(size, 0);
    for (std::int64_t k = 0; k < a.columns; ++k) {
      const double left = at(a, i, k), *const row = right.data() + k * c.columns;
      for (std::size_t j = 0; j < width; ++j) {
        want[j] += left * row[j];
        size[j] += std::abs(left * row[j]);
      }
    }
    for (std::size_t j = 0; j < width; ++j)
      ASSERT_NEAR(at(c, i, static_cast<std::int64_t>(j)), want[j], 1e-6 * size[j] + 1e-30)
          << what << " at " << i << ", " << j;
  }
}

struct Size {
  std::int64_t m, k, n;
};
inline constexpr Size sizes[] = {{1, 1, 1},     {3, 1, 18},     {5, 33, 7},     {2, 64, 128},
                                 {37, 61, 129}, {130, 193, 31}, {300, 65, 260}, {257, 130, 1000}};

}  // namespace rectify::run::cpu
