// Products that leave zeros out: the same sums, and chosen by counting.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <vector>

#include "rectify/run/cpu/sparse/entries.h"
#include "rectify/run/cpu/sparse/sparse_product.h"
#include "tests/run/network.h"
#include "tests/run/sparse_factors.h"

namespace rectify::run::cpu {
namespace {

constexpr float nan = std::numeric_limits<float>::quiet_NaN();
constexpr float infinity = std::numeric_limits<float>::infinity();

/// What an epilogue saw of a result that is not kept.
struct Seen {
  std::vector<float> c;
  std::vector<char> zeros;  ///< by row: whether it was said to be zeros
  std::int64_t columns;
};

void see(const void* context, const ResultTile& tile) {
  auto& seen = *static_cast<Seen*>(const_cast<void*>(context));
  ASSERT_EQ(tile.columns, seen.columns);
  ASSERT_EQ(tile.stride, seen.columns);
  for (std::int64_t r = 0; r < tile.rows; ++r) {
    float* const to = seen.c.data() + (tile.first_row + r) * seen.columns;
    seen.zeros[static_cast<std::size_t>(tile.first_row + r)] = tile.c == nullptr;
    if (tile.c)
      std::copy_n(tile.c + r * tile.stride, tile.columns, to);
    else
      std::fill_n(to, tile.columns, 0.0f);
  }
}

/// Computes c = a b with so many rows of a in a list.
bool multiply_by(std::int64_t rows_a_group, const Matrix& a, const Matrix& b, const Matrix& c,
                 ThreadPool& threads, float background = 0, Seen* seen = nullptr) {
  const SparseProduct product(a, b, c, threads, rows_a_group);
  return product.run(product.group(background), seen ? see : nullptr, seen);
}

/// Computes c = a b with rows of a listed alone, then in pairs, and expects the same bits.
bool multiply(const Matrix& a, const Matrix& b, const Matrix& c, ThreadPool& threads) {
  const auto numbers = [&] { return std::vector<float>(c.floats(), c.floats() + c.rows * c.row); };
  const bool finite = multiply_by(1, a, b, c, threads);
  const std::vector<float> alone = numbers();
  EXPECT_EQ(multiply_by(2, a, b, c, threads), finite);
  if (finite) {
    EXPECT_EQ(std::memcmp(alone.data(), numbers().data(), alone.size() * sizeof(float)), 0);
  }
  return finite;
}

EntryCount count_entries(const Matrix& a, std::int64_t rows_a_group = 2) {
  ThreadPool threads(2);
  return group_rows(a, 0, threads, rows_a_group).count;
}

TEST(SparseProduct, IsTheSumOfProductsForAnySizeOrderAndDensity) {
  ThreadPool threads(3);
  for (const auto& [m, k, n] : sizes)
    for (const double density : {0.0, 0.1, 0.5, 1.0}) {
      std::vector<float> a = sparse_numbers(m * k, density, 1), b = sparse_numbers(k * n, 1, 2);
      std::vector<float> c(static_cast<std::size_t>(m * n));
      for (const bool turn_a : {false, true})
        for (const bool turn_b : {false, true}) {
          const Matrix left = turn_a ? matrix(a.data(), k, m).transposed() : matrix(a.data(), m, k);
          const Matrix right =
              turn_b ? matrix(b.data(), n, k).transposed() : matrix(b.data(), k, n);
          std::ranges::fill(c, nan);
          const Matrix result = matrix(c.data(), m, n);
          ASSERT_TRUE(multiply(left, right, result, threads));
          expect_sum_of_products(
              left, right, result,
              concat(m, "x", k, "x", n, turn_a ? " a^T" : "", turn_b ? " b^T" : ""));
          if (HasFatalFailure()) return;
        }
    }
}

/// Rounds the numbers to bfloat16 and returns them so.
std::vector<bfloat16> rounded(std::vector<float>& numbers) {
  std::vector<bfloat16> narrow;
  for (float& number : numbers) {
    narrow.push_back(to_bfloat16(number));
    number = to_float(narrow.back());
  }
  return narrow;
}

Matrix matrix_of(std::vector<bfloat16>& numbers, std::int64_t rows, std::int64_t columns) {
  return matrix(
      Storage{reinterpret_cast<std::byte*>(numbers.data()), Element::bfloat16, numbers.size()},
      rows, columns);
}

TEST(SparseProduct, IsOfBfloat16TheSameBitsAsOfFloatsOfTheSameNumbers) {
  ThreadPool threads(3);
  for (const auto& [m, k, n] : sizes) {
    std::vector<float> a = sparse_numbers(m * k, 0.2, 1), b = sparse_numbers(k * n, 1, 2);
    std::vector<bfloat16> narrow_a = rounded(a), narrow_b = rounded(b);
    std::vector<float> c(static_cast<std::size_t>(m * n), nan), of_bfloat16 = c;
    for (const bool turn_a : {false, true})
      for (const bool turn_b : {false, true}) {
        const auto turn_if = [](bool turn, const Matrix& to) {
          return turn ? to.transposed() : to;
        };
        const std::int64_t rows_a = turn_a ? k : m, rows_b = turn_b ? n : k;
        multiply(turn_if(turn_a, matrix(a.data(), rows_a, m + k - rows_a)),
                 turn_if(turn_b, matrix(b.data(), rows_b, k + n - rows_b)), matrix(c.data(), m, n),
                 threads);
        multiply(turn_if(turn_a, matrix_of(narrow_a, rows_a, m + k - rows_a)),
                 turn_if(turn_b, matrix_of(narrow_b, rows_b, k + n - rows_b)),
                 matrix(of_bfloat16.data(), m, n), threads);
        ASSERT_EQ(std::memcmp(c.data(), of_bfloat16.data(), c.size() * sizeof(float)), 0)
            << m << "x" << k << "x" << n << turn_a << turn_b;
      }
  }
}

TEST(SparseProduct, LeavesOutABackgroundThatIsNotZero) {
  ThreadPool threads(3);
  const float background = -0.4242f;
  for (const auto& [m, k, n] : sizes) {
    std::vector<float> a = sparse_numbers(m * k, 0.2, 1), b = sparse_numbers(k * n, 1, 2);
    for (float& x : a)
      if (x == 0) x = background;
    std::vector<float> c(static_cast<std::size_t>(m * n), nan);
    const Matrix right = matrix(b.data(), k, n), result = matrix(c.data(), m, n);
    for (const std::int64_t group : {1, 2})
      for (const bool turned : {false, true}) {
        std::vector<float> left_numbers = a;
        const Matrix left = turned ? matrix(left_numbers.data(), k, m).transposed()
                                   : matrix(left_numbers.data(), m, k);
        ASSERT_TRUE(multiply_by(group, left, right, result, threads, background));
        expect_sum_of_products(left, right, result, concat(m, "x", k, "x", n));
        // Rows that are all background are no zeros.
        Seen seen{std::vector<float>(c.size(), nan), std::vector<char>(static_cast<std::size_t>(m)),
                  n};
        std::fill_n(left_numbers.data(), k, background);
        ASSERT_TRUE(
            multiply_by(group, left, right, matrix(nullptr, m, n), threads, background, &seen));
        expect_sum_of_products(left, right, matrix(seen.c.data(), m, n), "passing");
        if (HasFatalFailure()) return;
      }
  }
}

TEST(SparseProduct, IsTheSameBitsForAnyNumberOfThreads) {
  std::vector<float> a = sparse_numbers(300 * 200, 0.2, 1), b = sparse_numbers(200 * 700, 1, 2);
  std::vector<float> c(300 * 700), first;
  for (const int count : {1, 2, 3, 5, 16}) {
    ThreadPool threads(count);
    multiply(matrix(a.data(), 300, 200), matrix(b.data(), 200, 700), matrix(c.data(), 300, 700),
             threads);
    if (first.empty()) first = c;
    EXPECT_EQ(std::memcmp(c.data(), first.data(), c.size() * sizeof(float)), 0) << count;
  }
}

TEST(SparseProduct, SaysWhichRowsOfAPassingResultAreZeros) {
  ThreadPool threads(2);
  const std::int64_t m = 301, k = 40, n = 150;
  std::vector<float> a = sparse_numbers(m * k, 0.2, 1), b = sparse_numbers(k * n, 1, 2);
  const auto empty = [](std::int64_t r) { return r % 5 == 3 || (r > 100 && r < 140); };
  for (std::int64_t r = 0; r < m; ++r)
    for (std::int64_t j = 0; j < k; ++j)
      if (empty(r)) a[static_cast<std::size_t>(r * k + j)] = j % 2 ? 0.0f : -0.0f;
  for (std::int64_t r = 0; r < m; ++r)
    if (!empty(r)) a[static_cast<std::size_t>(r * k)] = 1;
  for (const std::int64_t group : {1, 2}) {
    Seen seen{std::vector<float>(static_cast<std::size_t>(m * n), nan),
              std::vector<char>(static_cast<std::size_t>(m), 2), n};
    ASSERT_TRUE(multiply_by(group, matrix(a.data(), m, k), matrix(b.data(), k, n),
                            matrix(nullptr, m, n), threads, 0, &seen));
    for (std::int64_t r = 0; r < m; ++r)
      EXPECT_EQ(seen.zeros[static_cast<std::size_t>(r)], empty(r)) << r;
    expect_sum_of_products(matrix(a.data(), m, k), matrix(b.data(), k, n),
                           matrix(seen.c.data(), m, n), "");
  }
}

TEST(SparseProduct, RefusesAFactorThatIsNotFiniteWhereverItIs) {
  ThreadPool threads(2);
  std::vector<float> a = sparse_numbers(20 * 130, 0.1, 1), b = sparse_numbers(130 * 145, 1, 2);
  std::vector<float> c(20 * 145);
  for (std::size_t r = 0; r < 20; ++r) a[r * 130 + 129] = 0;  // b's last row meets only zeros
  for (const bool turned : {false, true})
    for (const float bad : {nan, infinity, -infinity})
      for (const std::size_t where : {std::size_t{0}, b.size() - 1, b.size() - 20}) {
        std::vector<float> wrong = b;
        wrong[where] = bad;
        const Matrix right =
            turned ? matrix(wrong.data(), 145, 130).transposed() : matrix(wrong.data(), 130, 145);
        EXPECT_FALSE(multiply(matrix(a.data(), 20, 130), right, matrix(c.data(), 20, 145), threads))
            << bad << " at " << where;
      }
}

TEST(SparseProduct, CountsNaNAndInfinityAmongWhatIsNotZero) {
  ThreadPool threads(2);
  std::vector<float> a = {0, -0.0f, nan, infinity, 1e-45f, 0, 0, 0, 0, 0, 0, 0,
                          0, 0,     0,   0,        0,      0, 2, 0, 0, 0, 0, nan};
  EXPECT_EQ(count_entries(matrix(a.data(), 1, 24)).others, 5);
  EXPECT_EQ(count_entries(matrix(a.data(), 1, 24)).entries, 5);
  EXPECT_EQ(count_entries(matrix(a.data(), 6, 4).transposed()).others, 5);
  EXPECT_EQ(count_entries(matrix(a.data(), 12, 2)).entries, 4) << "two in one column";
  EXPECT_EQ(count_entries(matrix(a.data(), 12, 2), 1).entries, 5) << "of rows alone";
  std::vector<float> b(24 * 3, 1.0f), c(3);
  multiply(matrix(a.data(), 1, 24), matrix(b.data(), 24, 3), matrix(c.data(), 1, 3), threads);
  EXPECT_TRUE(std::isnan(c[0]) && std::isnan(c[1]) && std::isnan(c[2]));
}

TEST(SparseProduct, PairsRowsThatHaveMuchInCommon) {
  ThreadPool threads(2);
  constexpr std::int64_t rows = 90, columns = 130;
  std::vector<float> a(rows * columns);
  const auto kind = [](std::int64_t r) { return r % 3 == 1 || r % 7 == 2; };
  for (std::int64_t r = 0; r < rows; ++r)  // two kinds of rows, each with columns of its own
    for (std::int64_t k = 0; k < 40; ++k)
      a[static_cast<std::size_t>(r * columns + (kind(r) ? 70 : 0) + k)] = 1;
  const RowGroups pairs = group_rows(matrix(a.data(), rows, columns), 0, threads, 2);
  std::int64_t mixed = 0;
  for (std::int64_t first = 0; first < rows; first += pairing_window) {
    const std::int64_t count = std::min(pairing_window, rows - first);
    std::vector<char> seen(static_cast<std::size_t>(count));
    for (std::int64_t i = 0; i < count; ++i) seen[pairs.order[first + i]] = 1;
    EXPECT_EQ(std::ranges::count(seen, 1), count) << "each row once";
    for (std::int64_t i = 0; i < count; i += 2)
      mixed += kind(first + pairs.order[first + i]) != kind(first + pairs.order[first + i + 1]);
  }
  EXPECT_LE(mixed, 3) << "at most one pair of each window";
  EXPECT_EQ(pairs.count.entries, (rows / 2 + mixed) * 40);
}

TEST(SparseProduct, PaysForMostlyZerosAndNotForFewOrForSmallProducts) {
  ThreadPool threads(2);
  std::vector<float> memory(1);
  for (const std::int64_t group : {1, 2}) {
    const auto pays = [&](std::int64_t m, std::int64_t k, std::int64_t n, double density) {
      const auto of = [&](std::int64_t r, std::int64_t c) { return matrix(memory.data(), r, c); };
      const double listed = group == 1 ? density : 1 - (1 - density) * (1 - density);
      const auto share = [&](double part, std::int64_t all) {
        return static_cast<std::int64_t>(part * static_cast<double>(all));
      };
      return SparseProduct(of(m, k), of(k, n), of(m, n), threads, group)
          .pays({share(density, m * k), share(listed, (m + group - 1) / group * k)});
    };
    EXPECT_TRUE(pays(128, 1000, 1000, 0.2));
    EXPECT_TRUE(pays(1000, 128, 1000, 0.2));
    EXPECT_FALSE(pays(128, 1000, 1000, 0.9));
    EXPECT_FALSE(pays(128, 1000, 1000, 1));
    EXPECT_FALSE(pays(8, 1000, 1000, 0.2)) << "what b costs to pack is not won back";
  }
}

}  // namespace
}  // namespace rectify::run::cpu
