#include "rectify/activation/tails.h"

#include <gtest/gtest.h>

#include <cmath>

#include "tests/activation/sweep.h"

namespace rectify::activation {
namespace {

/// A row of these two functions alone, for what no row of the family does.
Row row_of(double (*value)(double, const Parameters&), double (*slope)(double, const Parameters&)) {
  Row row = {};
  row.value = value;
  row.slope = slope;
  return row;
}

std::string left_of(std::string_view name) {
  const Row& row = find(name);
  return text_of(left_tail(row, row.defaults()), true);
}
std::string right_of(std::string_view name) {
  const Row& row = find(name);
  return text_of(right_tail(row, row.defaults()), false);
}

TEST(Tails, TellMeetingALineFromComingCloser) {
  EXPECT_EQ(left_of("relu"), "is 0 for x <= 0");
  EXPECT_EQ(right_of("relu"), "is x for x >= 0");
  EXPECT_EQ(left_of("identity"), "is x everywhere");
  EXPECT_EQ(left_of("leaky_relu"), "is 0.01 x for x <= 0");
  EXPECT_EQ(left_of("softplus"), "approaches 0");
  EXPECT_EQ(right_of("softplus"), "approaches x");
  EXPECT_EQ(left_of("tanh"), "approaches -1");
  EXPECT_EQ(right_of("sigmoid"), "approaches 1");
  EXPECT_EQ(right_of("gelu"), "approaches x");
  EXPECT_EQ(left_of("elu"), "approaches -1");
  EXPECT_EQ(right_of("elu"), "is x for x >= 0");
}

TEST(Tails, AreKnownForEveryRow) {
  for (const Row& row : family()) {
    const Parameters p = row.defaults();
    for (const bool left : {true, false}) {
      const Tail tail = left ? left_tail(row, p) : right_tail(row, p);
      const double far = left ? -infinity : infinity;
      EXPECT_NE(tail.kind, Tail::Kind::none) << row.name << " " << text_of(tail, left);
      EXPECT_EQ(tail.value, row.value(far, p)) << row.name;
      EXPECT_EQ(tail.slope, row.slope(far, p)) << row.name;
      if (tail.kind != Tail::Kind::equals || std::isinf(tail.from)) continue;
      const double x = tail.from + (left ? -0.5 : 0.5);
      EXPECT_NEAR(row.value(x, p), tail.factor * x + tail.offset, 1e-9) << row.name;
    }
  }
}

TEST(Tails, OfOtherFunctionsAreFoundToo) {
  const auto line = [](const Row& row) { return text_of(right_tail(row, {}), false); };
  EXPECT_EQ(line(row_of([](double x, const Parameters&) { return x < 2.3 ? 0 : 3 * x - 1; },
                        [](double x, const Parameters&) { return x < 2.3 ? 0.0 : 3.0; })),
            "is 3 x - 1 for x >= 2.3");
  EXPECT_EQ(line(row_of([](double x, const Parameters&) { return x <= 1.0 ? 0.0 : 5.0; },
                        [](double, const Parameters&) { return 0.0; })),
            "is 5 for x > 1");
  EXPECT_EQ(line(row_of([](double x, const Parameters&) { return 2 * x * x; },
                        [](double x, const Parameters&) { return 4 * x; })),
            "grows as 2 x^2");
  EXPECT_EQ(line(row_of([](double x, const Parameters&) { return std::sqrt(std::abs(x)); },
                        [](double x, const Parameters&) { return 0.5 / std::sqrt(std::abs(x)); })),
            "grows as x^0.5");
  EXPECT_EQ(line(row_of([](double x, const Parameters&) { return std::exp(x); },
                        [](double x, const Parameters&) { return std::exp(x); })),
            "grows without bound");
  EXPECT_EQ(line(row_of([](double x, const Parameters&) { return std::sin(x); },
                        [](double x, const Parameters&) { return std::cos(x); })),
            "has no limit");
}

TEST(Tails, OnTheLeftAreMirrored) {
  const Row square = row_of([](double x, const Parameters&) { return x < 0 ? -x * x : 0; },
                            [](double x, const Parameters&) { return x < 0 ? -2 * x : 0; });
  const Tail tail = left_tail(square, {});
  EXPECT_EQ(tail.value, -infinity);
  EXPECT_EQ(tail.slope, infinity);
  EXPECT_EQ(text_of(tail, true), "grows as -1 |x|^2");
}

}  // namespace
}  // namespace rectify::activation
