#include "rectify/data/images/grid.h"

#include <gtest/gtest.h>

#include "rectify/base/error.h"
#include "tests/helpers.h"

namespace rectify::data {
namespace {

TEST(PictureGrid, LaysPicturesSideBySide) {
  // Three pictures of 24x24, in two columns: black, white, and one that is beyond white on the
  // left.
  constexpr std::size_t side = 24, size = side * side;
  std::vector<float> numbers(3 * size, 0);
  std::fill_n(numbers.begin() + size, size, 1.0f);
  for (std::size_t y = 0; y < side; ++y) numbers[2 * size + y * side] = 7;
  const Image grid = picture_grid(numbers, Shape{24, 24, 1}, 2);
  EXPECT_EQ(grid.width, 2u * 26 + 2);
  EXPECT_EQ(grid.height, 2u * 26 + 2);
  const auto at = [&](std::size_t x, std::size_t y) { return int{grid.bytes[y * grid.width + x]}; };
  EXPECT_EQ(at(0, 0), 96);
  EXPECT_EQ(at(2, 2), 0);
  EXPECT_EQ(at(27, 2), 96);
  EXPECT_EQ(at(28, 2), 255);
  EXPECT_EQ(at(2, 28), 255);
  EXPECT_EQ(at(3, 28), 0);
  EXPECT_EQ(at(28, 28), 96);  // no fourth picture
}

TEST(PictureGrid, EnlargesSmallPicturesAndKeepsColours) {
  const std::vector<float> numbers = {1, 0, 0, 0, 1, 0, 0, 0, 1, 0.5f, 0.5f, 0.5f};
  const Image grid = picture_grid(numbers, Shape{2, 2, 3}, 1);
  EXPECT_EQ(grid.width, 28u);  // each pixel is 12 wide
  const auto at = [&](std::size_t x, std::size_t y, std::size_t k) {
    return int{grid.bytes[(y * grid.width + x) * 3 + k]};
  };
  EXPECT_EQ(at(13, 13, 0), 255);
  EXPECT_EQ(at(14, 13, 0), 0);
  EXPECT_EQ(at(14, 13, 1), 255);
  EXPECT_EQ(at(2, 14, 2), 255);
  EXPECT_EQ(at(25, 25, 1), 128);
}

TEST(PictureGrid, RefusesWhatIsNoPicture) {
  const std::vector<float> numbers(8, 0);
  EXPECT_TRUE(contains(error_of([&] { picture_grid(numbers, Shape{8}, 1); }), "no pictures"));
  EXPECT_TRUE(contains(error_of([&] { picture_grid(numbers, Shape{2, 2, 2}, 1); }), "2x2x2"));
  EXPECT_TRUE(contains(error_of([&] { picture_grid({}, Shape{2, 2, 1}, 1); }), "no pictures"));
  EXPECT_EQ(square_columns(64), 8u);
  EXPECT_EQ(square_columns(65), 9u);
}

}  // namespace
}  // namespace rectify::data
