// A single sample: products of a row with a matrix, which read no more of it than they need.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/run/cpu/loops.h"
#include "tests/run/network.h"

namespace rectify::run {
namespace {

struct Row {
  std::vector<float> x, w;

  Row(std::int64_t rows, std::int64_t columns, double zeros) {
    const Random random(3);
    for (std::int64_t i = 0; i < rows * columns; ++i)
      w.push_back(static_cast<float>(random.normal(static_cast<std::uint64_t>(i))));
    for (std::int64_t i = 0; i < rows; ++i)
      x.push_back(random.uniform(1000000 + static_cast<std::uint64_t>(i)) < zeros
                      ? 0.0f
                      : static_cast<float>(random.normal(2000000 + static_cast<std::uint64_t>(i))));
  }
};

TEST(AddScaledRows, IsTheSumWhateverTheExtentsAndTheZeros) {
  for (const std::int64_t rows : {1, 7, 8, 9, 40})
    for (const std::int64_t columns : {1, 15, 16, 33, 100})
      for (const double zeros : {0.0, 0.5, 1.0}) {
        const Row r(rows, columns, zeros);
        std::vector<float> y(static_cast<std::size_t>(columns) + 1, 0.5f);
        cpu::loops().add_scaled_rows(r.x.data(), r.w.data(), y.data(), rows, columns, columns);
        for (std::int64_t c = 0; c < columns; ++c) {
          double want = 0.5;
          for (std::int64_t i = 0; i < rows; ++i)
            want += static_cast<double>(r.x[i]) * r.w[i * columns + c];
          EXPECT_NEAR(y[c], want, 1e-5 * (1 + std::abs(want))) << rows << " x " << columns;
        }
        EXPECT_EQ(y[columns], 0.5f) << "nothing is written behind the end";
      }
}

TEST(DotRows, IsTheProductWhateverTheExtents) {
  for (const std::int64_t rows : {1, 7, 8, 9, 40})
    for (const std::int64_t columns : {1, 15, 16, 33, 100}) {
      const Row r(columns, rows, 0);
      std::vector<float> y(static_cast<std::size_t>(rows) + 1, 7.0f);
      cpu::loops().dot_rows(r.w.data(), r.x.data(), y.data(), rows, columns);
      for (std::int64_t i = 0; i < rows; ++i) {
        double want = 0;
        for (std::int64_t c = 0; c < columns; ++c)
          want += static_cast<double>(r.w[i * columns + c]) * r.x[c];
        EXPECT_NEAR(y[i], want, 1e-5 * (1 + std::abs(want))) << rows << " x " << columns;
      }
      EXPECT_EQ(y[rows], 7.0f);
    }
}

TEST(AddScaledRows, ReadsNoRowBehindAnExactZeroButPassesEveryNaNOn) {
  const std::vector<float> w = {NAN, INFINITY, 1, 2};
  std::vector<float> y = {0, 0};
  cpu::loops().add_scaled_rows(std::vector<float>{0.0f, 1.0f}.data(), w.data(), y.data(), 2, 2, 2);
  EXPECT_EQ(y, (std::vector<float>{1, 2}));
  cpu::loops().add_scaled_rows(std::vector<float>{-0.0f, NAN}.data(), w.data(), y.data(), 2, 2, 2);
  EXPECT_TRUE(std::isnan(y[0]) && std::isnan(y[1]));
}

/// Wide enough for several tiles of everything.
TEST(SingleSample, IsTheReferenceAndTheSameBitsForAnyNumberOfThreads) {
  const Network n = network("301 : dense 1033 | relu | dropout 0.4 | dense 521 | silu | dense 5",
                            {"softmax_cross_entropy", Target::classes, 5}, 1, 5, Draw::normal, 0.1);
  const reference::Values want = run_reference(n);
  ThreadPool one(1);
  for (const bool keep_all : {true, false}) {
    const Values got = run_on_cpu(n, one, keep_all);
    for (const auto& [id, value] : got)
      EXPECT_LE(distance(value, want[id]), 1e-4) << graph::where(n.graph.node(id));
    for (const int count : {2, 3, 5}) {
      ThreadPool threads(count);
      EXPECT_EQ(run_on_cpu(n, threads, keep_all), got) << count << " threads";
    }
  }
}

}  // namespace
}  // namespace rectify::run
