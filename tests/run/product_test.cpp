#include "rectify/run/cpu/product/product.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <vector>

#include "rectify/activation/activation.h"
#include "rectify/base/random.h"
#include "tests/run/network.h"

namespace rectify::run::cpu {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

std::vector<float> random_numbers(std::int64_t count, std::uint32_t stream) {
  const Random random(9, stream);
  std::vector<float> numbers(static_cast<std::size_t>(count));
  for (std::size_t i = 0; i < numbers.size(); ++i)
    numbers[i] = static_cast<float>(random.normal(i));
  return numbers;
}

double at(const Matrix& m, std::int64_t i, std::int64_t j) {
  return m.floats()[i * m.row + j * m.column];
}

/// c against the sums of products in double; both NaN, the same infinity, or near.
void expect_product(const Matrix& a, const Matrix& b, const Matrix& c, const std::string& what) {
  for (std::int64_t i = 0; i < c.rows; ++i)
    for (std::int64_t j = 0; j < c.columns; ++j) {
      double want = 0, size = 0;
      for (std::int64_t k = 0; k < a.columns; ++k) {
        want += at(a, i, k) * at(b, k, j);
        size += std::abs(at(a, i, k) * at(b, k, j));
      }
      const double got = at(c, i, j);
      if (std::isfinite(want))
        ASSERT_NEAR(got, want, 1e-6 * size + 1e-30) << what << " at " << i << ", " << j;
      else if (std::isnan(want))
        ASSERT_TRUE(std::isnan(got)) << what << " at " << i << ", " << j << " is " << got;
      else
        ASSERT_EQ(got, want) << what << " at " << i << ", " << j;
    }
}

struct Size {
  std::int64_t m, k, n;
};

TEST(Product, IsTheSumOfProductsForAnySizeAndOrder) {
  ThreadPool threads(2);
  for (const auto& [m, k, n] : {Size{1, 1, 1}, Size{1, 17, 3}, Size{3, 1, 18}, Size{5, 33, 7},
                                Size{37, 61, 129}, Size{130, 19, 385}, Size{401, 65, 600}}) {
    std::vector<float> a = random_numbers(m * k, 1), b = random_numbers(k * n, 2);
    std::vector<float> c(static_cast<std::size_t>(m * n));
    for (const bool turn_a : {false, true})
      for (const bool turn_b : {false, true}) {
        const Matrix left = turn_a ? matrix(a.data(), k, m).transposed() : matrix(a.data(), m, k);
        const Matrix right = turn_b ? matrix(b.data(), n, k).transposed() : matrix(b.data(), k, n);
        const Matrix result = matrix(c.data(), m, n);
        for (const Cut cut : {Cut::columns, Cut::rows}) {
          std::ranges::fill(c, nan);
          Product(left, right, result, threads, cut).run();
          expect_product(left, right, result,
                         concat(m, "x", k, "x", n, turn_a ? " a^T" : "", turn_b ? " b^T" : ""));
        }
        if (HasFatalFailure()) return;
      }
  }
}

TEST(Product, WritesNothingBesideItsResult) {
  ThreadPool threads(2);
  std::vector<float> a = random_numbers(20 * 9, 1), b = random_numbers(9 * 30, 2);
  std::vector<float> c(20 * 40, 7.0f);
  const Matrix result =
      matrix(c.data(), 20, 30, 40);  // the last 10 of each row belong to somebody else
  Product(matrix(a.data(), 20, 9), matrix(b.data(), 9, 30), result, threads).run();
  expect_product(matrix(a.data(), 20, 9), matrix(b.data(), 9, 30), result, "strided");
  for (std::int64_t i = 0; i < 20; ++i)
    for (std::int64_t j = 30; j < 40; ++j) ASSERT_EQ(c[i * 40 + j], 7.0f);
}

TEST(Product, PassesOnNanAndInfinity) {
  ThreadPool threads(2);
  const std::int64_t m = 37, k = 61, n = 129;
  for (const bool turn : {false, true}) {
    std::vector<float> a = random_numbers(m * k, 1), b = random_numbers(k * n, 2);
    const Matrix left = turn ? matrix(a.data(), k, m).transposed() : matrix(a.data(), m, k);
    const Matrix right = matrix(b.data(), k, n);
    left.floats()[4 * left.row + 5 * left.column] = nan;
    left.floats()[7 * left.row + 8 * left.column] = infinity;
    right.floats()[60 * right.row + 100] = -infinity;
    left.floats()[9 * left.row + 60 * left.column] = 0;  // 0 times infinity
    std::vector<float> c(static_cast<std::size_t>(m * n));
    const Matrix result = matrix(c.data(), m, n);
    Product(left, right, result, threads).run();
    expect_product(left, right, result, "with NaN and infinity");
  }
}

TEST(Product, LetsTheEpilogueSeeEveryElementOnce) {
  ThreadPool threads(3);
  const std::int64_t m = 301, k = 9, n = 777;
  std::vector<float> bias(n);
  for (std::int64_t j = 0; j < n; ++j) bias[j] = static_cast<float>(j);
  for (const Cut cut : {Cut::columns, Cut::rows}) {
    std::vector<float> a(m * k, 1.0f), b(k * n, 1.0f), c(m * n);
    const Product product(matrix(a.data(), m, k), matrix(b.data(), k, n), matrix(c.data(), m, n),
                          threads, cut);
    product.run(
        [](const void* context, const ResultTile& tile) {
          for (std::int64_t i = 0; i < tile.rows; ++i)
            for (std::int64_t j = 0; j < tile.columns; ++j)
              tile.c[i * tile.stride + j] +=
                  static_cast<const float*>(context)[tile.first_column + j];
        },
        bias.data());
    for (std::int64_t i = 0; i < m; ++i)
      for (std::int64_t j = 0; j < n; ++j) ASSERT_EQ(c[i * n + j], 9.0f + static_cast<float>(j));
  }
}

TEST(Plan, KeepsNanAndInfinityThroughEveryLayer) {
  ThreadPool threads(2);
  const LossCase loss{"softmax_cross_entropy", Target::classes, 5};
  for (const float poison : {nan, infinity}) {
    Network n = network("19 : dense 33 | relu | dense 5", loss, 37, 6, Draw::normal);
    n.given[n.graph.find("input")][3 * 19 + 2] = poison;
    Values values = run_on_cpu(n, threads, true);
    const auto not_finite = [&](const std::string& label, std::size_t from, std::size_t count) {
      const auto first = values[n.graph.find(label)].begin() + static_cast<std::ptrdiff_t>(from);
      return std::count_if(first, first + static_cast<std::ptrdiff_t>(count),
                           [](float v) { return !std::isfinite(v); });
    };
    EXPECT_EQ(not_finite("dense1", 3 * 33, 33), 33);
    if (std::isnan(poison)) {
      EXPECT_EQ(not_finite("relu1", 3 * 33, 33), 33) << "relu hides NaN";
    }
    EXPECT_EQ(not_finite("dense2", 3 * 5, 5), 5);
    EXPECT_EQ(not_finite("loss", 0, 1), 1);
    EXPECT_GT(not_finite("d_dense1.weight", 0, 19 * 33), 0);
    EXPECT_EQ(not_finite("dense1", 0, 3 * 33), 0) << "samples mix";
    EXPECT_EQ(not_finite("dense1", 4 * 33, 33 * 33), 0) << "samples mix";
  }
}

TEST(Plan, EveryActivationPassesOnNan) {
  ThreadPool threads(1);
  for (const activation::Row& row : activation::family()) {
    Network n = network("3 : " + std::string(row.name) + " | dense 1",
                        {"mean_squared_error", Target::numbers, 1}, 5, 6, Draw::normal);
    n.given[n.graph.find("input")][7] = nan;
    Values values = run_on_cpu(n, threads, true);
    const std::vector<float>& y = values[graph::activations(n.graph)[0]];
    for (std::size_t i = 0; i < y.size(); ++i) EXPECT_EQ(std::isnan(y[i]), i == 7) << row.name;
  }
}

}  // namespace
}  // namespace rectify::run::cpu
