// Products of small matrices by generated code: against sums in double precision.

#include "rectify/run/cpu/product/small_product.h"

#include <gtest/gtest.h>

#include <array>
#include <cmath>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/random.h"

namespace rectify::run::cpu {
namespace {

std::vector<float> drawn(std::int64_t n, std::uint32_t stream) {
  const Random random(7, stream, 0);
  std::vector<float> v;
  for (std::int64_t i = 0; i < n; ++i)
    v.push_back(static_cast<float>(random.normal(static_cast<std::uint64_t>(i))));
  return v;
}

/// Element (row, depth) of x, which is stored with rows or columns at a stride.
std::int64_t place(const SmallProductSize& s, std::int64_t row, std::int64_t depth) {
  return s.transposed ? depth * s.x_stride + row : row * s.x_stride + depth;
}

void expect_product(const SmallProductSize& s) {
  const std::vector<float> x = drawn((s.transposed ? s.depth : s.rows) * s.x_stride, 1),
                           w = drawn(s.depth * s.w_stride, 2);
  std::vector<float> y(static_cast<std::size_t>(s.rows * s.y_stride), 0.5f);
  SmallProduct(s).run(x.data(), w.data(), y.data());
  for (std::int64_t r = 0; r < s.rows; ++r) {
    for (std::int64_t c = 0; c < s.columns; ++c) {
      double sum = s.adds ? 0.5 : 0, size = 0.5;
      for (std::int64_t d = 0; d < s.depth; ++d) {
        const double term = static_cast<double>(x[place(s, r, d)]) * w[d * s.w_stride + c];
        sum += term;
        size += std::abs(term);
      }
      EXPECT_NEAR(y[r * s.y_stride + c], sum, 1e-6 * size) << s.columns << " " << r << " " << c;
    }
    for (std::int64_t c = s.columns; c < s.y_stride; ++c)
      EXPECT_EQ(y[r * s.y_stride + c], 0.5f) << "beyond a row";
  }
}

TEST(SmallProduct, IsTheSumOfProducts) {
  if (!SmallProduct::available()) GTEST_SKIP() << "no code can be generated here";
  for (const auto& [rows, depth, columns] :
       {std::array<std::int64_t, 3>{1, 1, 16}, {16, 32, 64}, {23, 7, 80}, {64, 16, 176}})
    for (const bool transposed : {false, true})
      for (const bool adds : {false, true})
        expect_product({.rows = rows,
                        .depth = depth,
                        .columns = columns,
                        .x_stride = (transposed ? rows : depth) + 5,
                        .w_stride = columns + 1,
                        .y_stride = columns + 3,
                        .transposed = transposed,
                        .adds = adds});
}

TEST(SmallProduct, SaysWhatItCannotMake) {
  if (!SmallProduct::available()) GTEST_SKIP() << "no code can be generated here";
  // A row of x that is shorter than what is read of it.
  EXPECT_THROW(
      SmallProduct(
          {.rows = 4, .depth = 8, .columns = 16, .x_stride = 4, .w_stride = 16, .y_stride = 16}),
      Error);
}

}  // namespace
}  // namespace rectify::run::cpu
