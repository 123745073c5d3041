// top_k: which elements of a row stay. The reference counts, for every element, those before it;
// here answers are written down by hand, or follow from sorting.

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <limits>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/graph/selection.h"
#include "tests/helpers.h"
#include "tests/run/gradients.h"

namespace rectify::run {
namespace {

constexpr double infinite = std::numeric_limits<double>::infinity();

struct Kept {
  std::vector<float> cpu;
  std::vector<double> reference;
};

Kept kept_of(std::int64_t width, const std::string& item, const std::vector<double>& x,
             int threads = 2) {
  Network n{.graph = graph::parse_model(concat(width, " : ", item, " as f"))};
  n.batch = static_cast<std::int64_t>(x.size()) / width;
  n.given[n.graph.find("input")] = x;
  ThreadPool pool(threads);
  const NodeId f = n.graph.find("f");
  return {run_on_cpu(n, pool, true).at(f), run_reference(n)[f]};
}

void expect_kept(const std::string& item, const std::vector<double>& x,
                 const std::vector<double>& want) {
  const Kept got = kept_of(static_cast<std::int64_t>(want.size()), item, x);
  for (std::size_t i = 0; i < want.size(); ++i) {
    if (std::isnan(want[i])) {
      EXPECT_TRUE(std::isnan(got.cpu[i]) && std::isnan(got.reference[i])) << item << " " << i;
      continue;
    }
    EXPECT_EQ(got.cpu[i], want[i]) << item << " " << i;
    EXPECT_EQ(got.reference[i], want[i]) << item << " " << i;
    EXPECT_FALSE(std::signbit(got.cpu[i])) << item << " " << i << ": a zero is +0";
  }
}

TEST(TopK, KeepsTheLargestAboveZeroAndTheFirstOfEqualOnes) {
  expect_kept("top_k 2", {1, -3, 4, 2, 4}, {0, 0, 4, 0, 4});
  expect_kept("top_k 2", {1, -3, 0, -1, -2}, {1, 0, 0, 0, 0});
  expect_kept("top_k 2", {-1, -2, -3, -0.0, 0}, {0, 0, 0, 0, 0});
  expect_kept("top_k 2", {3, 3, 3, 3, 3}, {3, 3, 0, 0, 0});
  expect_kept("top_k 3", {1, 5, 2, 2, 2}, {0, 5, 2, 2, 0});
  expect_kept("top_k 1", {7}, {7});
  expect_kept("top_k 5", {1, 2, 3, -4, 5}, {1, 2, 3, 0, 5});
}

TEST(TopK, ShowsNumbersThatAreNotFiniteAndTellsTheSmallestApart) {
  const double nan = std::nan("");
  expect_kept("top_k 1", {1, nan, 3}, {0, nan, 0});
  expect_kept("top_k 1", {1, -nan, 3}, {0, nan, 0});
  expect_kept("top_k 2", {1, infinite, 3, -infinite}, {0, infinite, 3, 0});
  const double least = std::numeric_limits<float>::denorm_min();
  expect_kept("top_k 1", {least, 2 * least, 0, -least}, {0, 2 * least, 0, 0});
  expect_kept("top_k 2", {infinite, least, 1e38f, least}, {infinite, 0, 1e38f, 0});
}

TEST(TopK, TakesAShareOfTheWidthOrANumber) {
  const auto kept = [](const std::string& text) {
    const graph::Graph graph = graph::parse_model(text);
    return graph::kept_in_row(graph, graph.node(graph.result));
  };
  EXPECT_EQ(kept("1000 : top_k"), 100);
  EXPECT_EQ(kept("1000 : top_k 0.25"), 250);
  EXPECT_EQ(kept("7 : top_k 0.5"), 4) << "3.5, rounded";
  EXPECT_EQ(kept("10 : top_k 0.0001"), 1) << "at least one";
  EXPECT_EQ(kept("10 : top_k 10"), 10);
  EXPECT_EQ(kept("4x6 : top_k 0.5"), 3) << "of the last axis";
  EXPECT_PRED2(
      contains, error_of([] { graph::parse_model("20 : dense 10 as a | top_k 11 as f"); }),
      "top_k 'f' keeps 11 elements but 'a' has rows of 10; keep fewer, or a share such as");
  EXPECT_PRED2(contains, error_of([] { graph::parse_model("20 : top_k 1.5 as f"); }),
               "top_k 'f' keeps 1.5 elements, which is no whole number; a share is below 1");
}

TEST(TopK, KeepsWhatSortingKeepsInRowsOfAnyWidth) {
  const Random random(5, 1);
  std::uint64_t drawn = 0;
  for (const std::int64_t width : {1, 3, 15, 16, 17, 63, 200, 1025})
    for (const std::int64_t keep : {std::int64_t{1}, width / 3 + 1, width})
      for (const double coarse : {0.0, 4.0}) {  // rounded to quarters, so that many are equal
        std::vector<double> x(static_cast<std::size_t>(5 * width));
        for (double& v : x) {
          v = static_cast<float>(random.normal(drawn++));
          if (coarse > 0) v = std::round(v * coarse) / coarse;
        }
        const Kept got = kept_of(width, concat("top_k ", keep), x);
        for (std::size_t row = 0; row < x.size(); row += static_cast<std::size_t>(width)) {
          std::vector<std::size_t> order(static_cast<std::size_t>(width));
          for (std::size_t i = 0; i < order.size(); ++i) order[i] = row + i;
          std::ranges::stable_sort(order,
                                   [&](std::size_t a, std::size_t b) { return x[a] > x[b]; });
          for (std::size_t i = 0; i < order.size(); ++i) {
            const bool stays = i < static_cast<std::size_t>(keep) && x[order[i]] > 0;
            ASSERT_EQ(got.cpu[order[i]], stays ? x[order[i]] : 0) << width << " " << keep;
          }
        }
      }
}

TEST(TopK, PassesTheGradientWhereAnElementStays) {
  Network n{.graph = graph::parse_model("4 : top_k 2 as f")};
  const NodeId f = n.graph.find("f");
  const NodeId dy = n.graph.add_input(n.graph.node(f).type, "dy");
  const NodeId dx = n.graph.add("top_k_gradient", {dy, f}, {}, "dx");
  n.batch = 2;
  n.given[n.graph.find("input")] = {1, 3, 2, -1, -1, 5, -2, -3};
  n.given[dy] = {10, 20, 30, 40, 50, 60, 70, 80};
  ThreadPool threads(1);
  const std::vector<float> want = {0, 20, 30, 0, 0, 60, 0, 0};
  EXPECT_EQ(run_on_cpu(n, threads, true).at(dx), want);
  const std::vector<double> reference = run_reference(n)[dx];
  EXPECT_TRUE(std::ranges::equal(reference, want));
}

TEST(TopK, GivesTheSameBitsForAnyNumberOfThreads) {
  std::vector<double> x(200 * 300);
  const Random random(6, 1);
  for (std::size_t i = 0; i < x.size(); ++i) x[i] = static_cast<float>(random.normal(i));
  const std::vector<float> one = kept_of(300, "top_k 0.1", x, 1).cpu;
  EXPECT_EQ(std::ranges::count_if(one, [](float v) { return v != 0; }), 200 * 30);
  for (const int threads : {2, 3, 5}) EXPECT_EQ(kept_of(300, "top_k 0.1", x, threads).cpu, one);
}

}  // namespace
}  // namespace rectify::run
