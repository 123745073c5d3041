#include "rectify/activation/cost.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

namespace rectify::activation {
namespace {

Cost of(std::string_view name) { return measure_cost(find(name), find(name).defaults()); }

TEST(Cost, OfEveryRowIsPositiveAndFoundInAMoment) {
  for (const Row& row : family()) {
    const auto begin = std::chrono::steady_clock::now();
    const Cost cost = measure_cost(row, row.defaults());
    const std::chrono::duration<double> took = std::chrono::steady_clock::now() - begin;
    for (const double figure :
         {cost.forward_ns, cost.backward_ns, cost.forward_cycles, cost.backward_cycles}) {
      EXPECT_TRUE(std::isfinite(figure)) << row.name;
      EXPECT_GT(figure, 0) << row.name;
    }
    EXPECT_NEAR(cost.forward_cycles / cost.forward_ns, cost.backward_cycles / cost.backward_ns,
                1e-6 * cost.forward_cycles / cost.forward_ns)
        << row.name << ": one clock for both";
    EXPECT_LT(took.count(), 2) << row.name;  // about 0.02 where nothing else runs
  }
}

TEST(Cost, OfAnExponentialIsMoreThanOfACopy) {
  EXPECT_GT(of("gelu").forward_ns, of("identity").forward_ns);
}

TEST(Cost, CyclesAreThoseOfAProcessor) {
  const double ns = cycle_ns();
  EXPECT_GT(ns, 0.1);  // 10 GHz
  EXPECT_LT(ns, 4);    // 250 MHz
}

}  // namespace
}  // namespace rectify::activation
