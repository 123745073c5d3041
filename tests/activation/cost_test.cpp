#include "rectify/activation/cost.h"

#include <gtest/gtest.h>

#include <chrono>
#include <cmath>

#include "rectify/activation/stopwatch.h"

namespace rectify::activation {
namespace {

TEST(Cost, OfEveryRowIsPositive) {
  for (const Row& row : family()) {
    const Cost cost = measure_cost(row, row.defaults());
    for (const double figure :
         {cost.forward_ns, cost.backward_ns, cost.forward_cycles, cost.backward_cycles}) {
      EXPECT_TRUE(std::isfinite(figure)) << row.name;
      EXPECT_GT(figure, 0) << row.name;
    }
    EXPECT_NEAR(cost.forward_cycles / cost.forward_ns, cost.backward_cycles / cost.backward_ns,
                1e-6 * cost.forward_cycles / cost.forward_ns)
        << row.name << ": one clock for both";
  }
}

TEST(Cost, CyclesAreNanosecondsNotOtherUnits) {
  const double ns = cycle_ns();
  EXPECT_GT(ns, 0.1);  // 10 GHz
  EXPECT_LT(ns, 100);  // an emulator that is busy with other things too
}

/// A clock that stands still but for what the test lets pass.
struct ToldClock {
  using duration = std::chrono::nanoseconds;
  using rep = duration::rep;
  using period = duration::period;
  using time_point = std::chrono::time_point<ToldClock>;
  static constexpr bool is_steady = true;
  static time_point now() { return time_point(passed); }
  static inline duration passed{0};
};

TEST(Stopwatch, KeepsTheTimeOfTheFastestRepetition) {
  // 40 ns a call, and every 1000th call is disturbed.
  int calls = 0;
  const auto work = [&] {
    ToldClock::passed += std::chrono::nanoseconds(40);
    if (++calls % 1000 == 0) ToldClock::passed += std::chrono::microseconds(500);
  };
  Stopwatch<ToldClock> watch;
  watch.run(3e6, work);
  EXPECT_EQ(watch.best(), 40);
  EXPECT_GT(calls, 1000) << "no call was disturbed";
}

TEST(Stopwatch, RunsUntilAtLeastOneRepetitionIsLongEnough) {
  int calls = 0;
  Stopwatch<ToldClock> watch;
  watch.run(0, [&] {
    ++calls;
    ToldClock::passed += std::chrono::nanoseconds(100);
  });
  EXPECT_EQ(watch.best(), 100);
  EXPECT_EQ(calls, 1 + 2 + 4 + 8 + 16 + 32 + 64) << "64 calls are the first of 5 microseconds";
}

TEST(Stopwatch, TellsWorkThatTakesLongerApart) {
  Stopwatch<ToldClock> first, second;
  for (int round = 0; round < 3; ++round) {
    first.run(1e5, [] { ToldClock::passed += std::chrono::nanoseconds(7); });
    second.run(1e5, [] { ToldClock::passed += std::chrono::nanoseconds(9); });
  }
  EXPECT_EQ(first.best(), 7);
  EXPECT_EQ(second.best(), 9);
}

}  // namespace
}  // namespace rectify::activation
