// Pictures of linear regions, decoded again.

#include <gtest/gtest.h>

#include "rectify/data/images/image.h"
#include "rectify/report/plane_picture.h"
#include "rectify/report/tiles.h"
#include "tests/helpers.h"

namespace rectify::report {
namespace {

std::array<int, 3> pixel_at(const data::Image& image, std::size_t x, std::size_t y) {
  std::array<int, 3> colour;
  for (std::size_t c = 0; c < 3; ++c) colour[c] = image.bytes[(y * image.width + x) * 3 + c];
  return colour;
}

/// The left half answers "low", the right half "high".
PlanePicture two_halves() {
  const diagnose::Cell left{{{0, 0}, {0.5, 0}, {0.5, 1}, {0, 1}}},
      right{{{0.5, 0}, {1, 0}, {1, 1}, {0.5, 1}}};
  PlanePicture picture;
  picture.plane.side = 2;
  picture.plane.samples = {{{0.1, 0.1}, {0.9, 0.1}, {0.5, 0.9}}};
  picture.pieces.pieces = 2;
  picture.pieces.polygons = {left, right};
  picture.pieces.answers = {{left, 0}, {right, 1}};
  picture.answers = {"low", "high"};
  picture.samples = {"sample 0", "sample 1", "sample 2"};
  return picture;
}

TEST(PlanePicture, FillsEachPieceWithItsAnswersColour) {
  const PlanePicture picture = two_halves();
  const data::Image image = data::decode_png(draw_plane(picture, PictureFormat::png), "plane");
  const auto left = pixel_at(image, 300, 700), right = pixel_at(image, 900, 700);
  EXPECT_NE(left, right);
  EXPECT_NE(left, (std::array{255, 255, 255}));
  EXPECT_EQ(pixel_at(image, 310, 600), left);
  EXPECT_EQ(pixel_at(image, 1400, 1200), (std::array{255, 255, 255}))
      << "nothing beside the square";
  const std::string svg = draw_plane(picture, PictureFormat::svg);
  EXPECT_EQ(svg, draw_plane(picture, PictureFormat::svg));
}

TEST(PlanePicture, OfTooManyPiecesShowsTheGrid) {
  PlanePicture picture = two_halves();
  picture.pieces = {.complete = false};
  picture.limit = 100;
  picture.grid = {.size = 4, .answers = {0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1, 0, 0, 1, 1}};
  const data::Image image = data::decode_png(draw_plane(picture, PictureFormat::png), "plane");
  const auto left = pixel_at(image, 100, 700), border = pixel_at(image, 500, 700),
             right = pixel_at(image, 900, 700);
  EXPECT_NE(left, right);
  EXPECT_LT(border[0] + border[1] + border[2], left[0] + left[1] + left[2]);
}

TEST(Tiles, ShowNegativeNumbersBlueAndPositiveOnesOrange) {
  const std::vector<float> numbers = {-2, 0, 1, 2};
  const data::Image tile = signed_picture(numbers, Shape{2, 2, 1});
  EXPECT_EQ(tile.width, 84u);
  EXPECT_EQ(pixel_at(tile, 0, 0), (std::array{0, 114, 178}));
  EXPECT_EQ(pixel_at(tile, 83, 0), (std::array{255, 255, 255}));
  EXPECT_EQ(pixel_at(tile, 83, 83), (std::array{213, 94, 0}));
  const auto half = pixel_at(tile, 0, 83);
  EXPECT_GT(half[0], half[2]);
  EXPECT_LT(half[2], 255);
  EXPECT_EQ(pixel_at(signed_picture(std::vector<float>(4), Shape{2, 2, 1}), 5, 5),
            (std::array{255, 255, 255}));
}

TEST(Tiles, ShowThreeChannelsAsColoursAroundGrey) {
  const data::Image tile = signed_picture(std::vector<float>{1, 0, -1}, Shape{1, 1, 3});
  EXPECT_EQ(pixel_at(tile, 40, 40), (std::array{255, 128, 0}));
}

TEST(Tiles, StandInRows) {
  const std::vector<data::Image> tiles(3, signed_picture(std::vector<float>{1}, Shape{1, 1, 1}));
  const data::Image sheet = data::decode_png(tile_png(tiles, 2), "tiles");
  EXPECT_EQ(sheet.width, 2u * (84 + 4) + 4);
  EXPECT_EQ(sheet.height, 2u * (84 + 4) + 4);
  EXPECT_EQ(pixel_at(sheet, 50, 50), (std::array{213, 94, 0}));
  EXPECT_NE(pixel_at(sheet, 150, 150), (std::array{213, 94, 0})) << "there is no fourth";
  EXPECT_NE(error_of([] { tile_png({}, 2); }), "");
}

}  // namespace
}  // namespace rectify::report
