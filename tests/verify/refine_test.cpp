#include "rectify/verify/refine.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/verify/verify.h"
#include "tests/random_model.h"

namespace rectify::verify {
namespace {

constexpr const char* whole = "3 : dense 8 | relu | dense 8 | relu | dense 8 | relu | dense 2";
/// The same numbers up to a hidden layer, as parameters are drawn in the order of layers.
constexpr const char* beginnings[] = {"3 : dense 8 | relu | dense 8",
                                      "3 : dense 8 | relu | dense 8 | relu | dense 8"};

struct Refined {
  Ranges ranges;
  double width = 0;         ///< of the open numbers of all layers
  bool has_inputs = false;  ///< whether any input may be left
};

Refined refined(const Structure& structure, const Box& box, const RefineSize& size, int threads) {
  Bounder bounder(structure);
  Refined found{.ranges = bounder.unknown()};
  EXPECT_TRUE(bounder.narrow(box, found.ranges));
  ThreadPool pool(threads);
  const Limits limits;
  found.has_inputs = refine(structure, box, size, pool, Deadline(limits), bounder, found.ranges);
  for (std::size_t l = 0; l < structure.is_bounded.size(); ++l)
    for (std::size_t i = structure.first[l]; structure.is_bounded[l] && i < structure.first[l + 1];
         ++i)
      found.width += found.ranges.upper[i] - found.ranges.lower[i];
  return found;
}

/// The ranges of the numbers behind each dense layer but the last.
std::vector<std::vector<activation::Interval>> hidden(const Structure& structure,
                                                      const Ranges& ranges) {
  std::vector<std::vector<activation::Interval>> all;
  for (std::size_t l = 0; l < structure.is_bounded.size(); ++l) {
    if (!structure.is_bounded[l]) continue;
    all.emplace_back();
    for (std::size_t i = structure.first[l]; i < structure.first[l + 1]; ++i)
      all.back().push_back({ranges.lower[i], ranges.upper[i]});
  }
  return all;
}

TEST(Refine, RangesHoldWhatThePredictorComputesAndNarrowWithEachSplit) {
  const Box box{{-1, -1, -1}, {1, 1, 1}};
  double widths[4] = {};
  for (std::uint64_t seed = 1; seed <= 10; ++seed) {
    const model::Predictor predictor(random_model(whole, seed));
    const Network network = network_of(predictor);
    const Structure structure(network);
    const RefineSize sizes[] = {
        {.steps = 0}, {.steps = 20}, {.steps = 20, .splits = 4}, {.steps = 20, .splits = 32}};
    Refined best;
    for (std::size_t s = 0; s < std::size(sizes); ++s) {
      best = refined(structure, box, sizes[s], 1);
      ASSERT_TRUE(best.has_inputs);
      widths[s] += best.width;
    }
    const auto ranges = hidden(structure, best.ranges);
    const Random random(seed, 5);
    for (std::size_t layer = 1; layer <= 2; ++layer) {
      const model::Predictor beginning(random_model(beginnings[layer - 1], seed));
      std::vector<float> x(3), y(8);
      for (std::size_t n = 0; n < 5000; ++n) {
        for (std::size_t i = 0; i < 3; ++i) {
          const double share = random.uniform(3 * n + i);
          x[i] = static_cast<float>(2 * (n % 2 ? share : std::round(share)) - 1);
        }
        beginning.run(x, y);
        for (std::size_t i = 0; i < 8; ++i) {
          EXPECT_GE(y[i], ranges[layer][i].low) << "seed " << seed << ", layer " << layer;
          EXPECT_LE(y[i], ranges[layer][i].high) << "seed " << seed << ", layer " << layer;
        }
      }
    }
  }
  EXPECT_LT(widths[1], 0.99 * widths[0]) << "slopes of their own";
  EXPECT_LT(widths[2], 0.95 * widths[1]) << "a few splits";
  EXPECT_LT(widths[3], 0.99 * widths[2]) << "more splits";
}

TEST(Refine, FindsTheSameWithAnyNumberOfThreads) {
  const Box box{{-1, -1, -1}, {1, 1, 1}};
  const model::Predictor predictor(random_model(whole, 3));
  const Network network = network_of(predictor);
  const Structure structure(network);
  const Refined one = refined(structure, box, {.splits = 8}, 1),
                three = refined(structure, box, {.splits = 8}, 3);
  EXPECT_EQ(one.ranges.lower, three.ranges.lower);
  EXPECT_EQ(one.ranges.upper, three.ranges.upper);
}

TEST(Refine, EndsEarlyWithRangesThatHold) {
  const Box box{{-1, -1, -1}, {1, 1, 1}};
  const model::Predictor predictor(random_model(whole, 3));
  const Network network = network_of(predictor);
  const Structure structure(network);
  Bounder bounder(structure);
  Ranges ranges = bounder.unknown();
  ASSERT_TRUE(bounder.narrow(box, ranges));
  const Ranges before = ranges;
  ThreadPool pool(1);
  const Limits limits{.stop = [] { return true; }};
  EXPECT_TRUE(refine(structure, box, {.splits = 8}, pool, Deadline(limits), bounder, ranges));
  EXPECT_EQ(ranges.lower, before.lower);
  EXPECT_EQ(ranges.upper, before.upper);
}

}  // namespace
}  // namespace rectify::verify
