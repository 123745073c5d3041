// How cells are cut, by hand.

#include "rectify/diagnose/regions/cell.h"

#include <gtest/gtest.h>

#include <limits>

namespace rectify::diagnose {
namespace {

const Cell stretch{{{0, 0}, {1, 0}}};
const Cell square{{{0, 0}, {1, 0}, {1, 1}, {0, 1}}};
constexpr std::size_t any = std::numeric_limits<std::size_t>::max();

TEST(Cell, IsCutInTwoWhereAFormIsZero) {
  const Halves two = halves(square, {-0.25, 1, 0});  // x = 1/4
  EXPECT_DOUBLE_EQ(two.negative.area(), 0.25);
  EXPECT_DOUBLE_EQ(two.positive.area(), 0.75);
  const Halves corner = halves(square, {-0.5, 1, 1});  // x + y = 1/2
  EXPECT_DOUBLE_EQ(corner.negative.area(), 0.125);
  EXPECT_EQ(corner.negative.corners.size(), 3u);
  EXPECT_EQ(corner.positive.corners.size(), 5u);
  const Halves diagonal = halves(square, {0, 1, -1});  // through two corners
  EXPECT_EQ(diagonal.negative.corners.size(), 3u);
  EXPECT_EQ(diagonal.positive.corners.size(), 3u);
}

TEST(Cell, IsNotCutByAFormThatTouchesItsBorder) {
  EXPECT_FALSE(crosses(square, {0, 1, 0}));
  EXPECT_FALSE(crosses(square, {-2, 1, 1}));
  EXPECT_FALSE(crosses(square, {1e-13, -1, 0})) << "thinner than what is told apart";
  EXPECT_FALSE(crosses(square, {0, 0, 0}));
  EXPECT_TRUE(crosses(square, {-1e-9, 1, 0}));
  EXPECT_TRUE(halves(square, {0, 1, 0}).negative.corners.empty());
  EXPECT_DOUBLE_EQ(halves(square, {0, 1, 0}).positive.area(), 1);
}

TEST(Cell, OfASegmentIsCutInOrder) {
  const std::vector<LinearForm> forms = {{-0.75, 1, 0}, {0.25, -1, 0}, {-0.25, 1, 0}, {-2, 1, 0}};
  const std::vector<Cell> parts = cut(stretch, forms, any);
  ASSERT_EQ(parts.size(), 3u);
  EXPECT_EQ(parts[0].corners[1].x, 0.25);
  EXPECT_EQ(parts[1].corners[0].x, 0.25);
  EXPECT_EQ(parts[2].corners[0].x, 0.75);
  EXPECT_EQ(parts[2].corners[1].x, 1);
}

TEST(Cell, IsCutByAllForms) {
  const std::vector<LinearForm> cross = {{-0.5, 1, 0}, {-0.5, 0, 1}, {0, 1, -1}};
  const std::vector<Cell> parts = cut(square, cross, any);
  EXPECT_EQ(parts.size(), 6u) << "all go through the centre";
  double area = 0;
  for (const Cell& part : parts) area += part.area();
  EXPECT_DOUBLE_EQ(area, 1);
  EXPECT_EQ(cut(square, cross, 1).size(), 2u) << "it stops beyond the limit";
}

TEST(Cell, HasAPartForEachFormThatIsTheLargestSomewhere) {
  // x, 1 - x, 0.4, -1, and x again
  const std::vector<LinearForm> forms = {{0, 1, 0}, {1, -1, 0}, {0.4, 0, 0}, {-1, 0, 0}, {0, 1, 0}};
  const std::vector<Cell> parts = largest_parts(stretch, forms);
  ASSERT_EQ(parts.size(), 5u);
  EXPECT_EQ(parts[0].corners[0].x, 0.5);
  EXPECT_EQ(parts[1].corners[1].x, 0.5);
  for (const std::size_t none : {2, 3, 4}) EXPECT_TRUE(parts[none].corners.empty()) << none;
  EXPECT_EQ(largest_at({0.75, 0}, forms), 0u) << "the first of equal ones";
}

}  // namespace
}  // namespace rectify::diagnose
