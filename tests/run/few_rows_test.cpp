// A few rows times a matrix of which only the rows are read that are wanted.

#include "rectify/run/cpu/sparse/few_rows.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstring>
#include <limits>
#include <set>

#include "tests/run/network.h"
#include "tests/run/sparse_factors.h"

namespace rectify::run::cpu {
namespace {

constexpr float no_number = std::numeric_limits<float>::quiet_NaN();

void add_one(const void*, const ResultTile& tile) {
  for (std::int64_t r = 0; r < tile.rows; ++r)
    for (std::int64_t c = 0; c < tile.columns; ++c) tile.c[r * tile.stride + c] += 1;
}

TEST(FewRows, AreTheSumsOfProductsForAnySizeAndDensity) {
  ThreadPool threads(3);
  for (const auto& [rows, k, n] : {Size{2, 1, 1}, {3, 300, 18}, {16, 33, 1040}, {7, 513, 129}})
    for (const double density : {0.0, 0.1, 0.5, 1.0}) {
      std::vector<float> x = sparse_numbers(rows * k, density, 1), w = sparse_numbers(k * n, 1, 2);
      std::vector<float> y(static_cast<std::size_t>(rows * n), no_number);
      const Matrix left = matrix(x.data(), rows, k), right = matrix(w.data(), k, n);
      const Matrix result = matrix(y.data(), rows, n);
      FewRows(left, right, result, threads).run(add_one, nullptr);
      for (std::int64_t r = 0; r < rows; ++r)
        for (std::int64_t c = 0; c < n; ++c) {
          double want = 1, size = 1;
          for (std::int64_t i = 0; i < k; ++i) {
            want += at(left, r, i) * at(right, i, c);
            size += std::abs(at(left, r, i) * at(right, i, c));
          }
          ASSERT_NEAR(at(result, r, c), want, 1e-6 * size) << rows << "x" << k << "x" << n;
        }
    }
}

TEST(FewRows, AreTheSameBitsForAnyNumberOfThreads) {
  std::vector<float> x = sparse_numbers(9 * 400, 0.2, 1), w = sparse_numbers(400 * 1500, 1, 2);
  std::vector<float> y(9 * 1500), first;
  for (const int count : {1, 2, 3, 5, 16}) {
    ThreadPool threads(count);
    FewRows(matrix(x.data(), 9, 400), matrix(w.data(), 400, 1500), matrix(y.data(), 9, 1500),
            threads)
        .run([](const void*, const ResultTile&) {}, nullptr);
    if (first.empty()) first = y;
    EXPECT_EQ(std::memcmp(y.data(), first.data(), y.size() * sizeof(float)), 0) << count;
  }
}

TEST(FewRows, CountsNaNAmongWhatIsNotZero) {
  ThreadPool threads(1);
  std::vector<float> x = {0, 1, no_number, -0.0f, 0, 2}, memory(1);
  const auto of = [&](std::int64_t r, std::int64_t c) { return matrix(memory.data(), r, c); };
  EXPECT_EQ(FewRows(matrix(x.data(), 2, 3), of(3, 5), of(2, 5), threads).count(), 3);
}

TEST(FewRows, PaysForMostlyZerosTheMoreTheFewerTheRows) {
  ThreadPool threads(1);
  std::vector<float> memory(1);
  const auto pays = [&](std::int64_t rows, double density) {
    const auto of = [&](std::int64_t r, std::int64_t c) { return matrix(memory.data(), r, c); };
    return FewRows(of(rows, 1000), of(1000, 1000), of(rows, 1000), threads)
        .pays(static_cast<std::int64_t>(density * static_cast<double>(rows) * 1000));
  };
  for (const std::int64_t rows : {2, 4, 8, 16}) EXPECT_TRUE(pays(rows, 0.1)) << rows;
  EXPECT_FALSE(pays(16, 1));
  for (int percent = 1; percent <= 100; ++percent)
    EXPECT_LE(pays(16, percent / 100.0), pays(4, percent / 100.0)) << percent;
}

/// What 1500 units answer for four samples, of whose 800 numbers all but every tenth are 0; a
/// weight of the first number, which is 0 in all samples, is NaN.
std::vector<float> answers(bool trained) {
  graph::Graph graph = graph::parse_model("800 : dense 1500 bias=no");
  const NodeId input = graph.find("input"), result = graph.result;
  std::set<NodeId> keep = {result};
  if (trained) keep.insert(graph.add("dense_weight_gradient", {input, result}));
  const ParameterLayout layout(graph);
  Buffer parameters(layout.floats());
  std::ranges::copy(sparse_numbers(static_cast<std::int64_t>(layout.floats()), 1, 3),
                    parameters.data());
  parameters.data()[5] = no_number;
  ThreadPool threads(2);
  Plan plan(graph, layout, parameters.data(), threads, {.batch = 4, .keep = keep});
  for (std::size_t i = 0; i < 4 * 800; ++i) plan.input(input)[i] = i % 10 == 3 ? 1.0f : 0.0f;
  plan.run({});
  const std::span<const float> value = plan.value(result);
  return {value.begin(), value.end()};
}

TEST(FewRows, AreNotForWeightsThatAreTrained) {
  const std::vector<float> asked = answers(false), trained = answers(true);
  EXPECT_TRUE(std::isfinite(asked[5])) << "the row of weights was not read";
  EXPECT_TRUE(std::isnan(trained[5])) << "a weight that is not finite was not found";
  EXPECT_NEAR(asked[6], trained[6], 1e-4);
}

}  // namespace
}  // namespace rectify::run::cpu
