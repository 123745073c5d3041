#include "rectify/data/images/augment.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <numeric>
#include <set>
#include <vector>

#include "tests/helpers.h"

namespace rectify::data {
namespace {

constexpr std::int64_t height = 5, width = 4, channels = 3;

/// An image whose numbers are all different and none 0, varied.
std::vector<float> varied(const Augmenter& augmenter, std::uint32_t row) {
  std::vector<float> image(height * width * channels);
  std::iota(image.begin(), image.end(), 1.0f);
  augmenter.apply(row, image.data());
  return image;
}

Augmenter augmenter_of(const std::string& text) {
  return {parse_augment(text), 3, Shape{height, width, channels}};
}

TEST(Augment, ReadsTheList) {
  const Augmentation all = parse_augment(" crop 4,flip , cutout 8");
  EXPECT_EQ(all.crop, 4);
  EXPECT_TRUE(all.flip);
  EXPECT_EQ(all.cutout, 8);
  EXPECT_FALSE(parse_augment("").any());
}

TEST(Augment, FlipExchangesLeftAndRightOneTimeInTwo) {
  const Augmenter augmenter = augmenter_of("flip");
  int flipped = 0;
  for (std::uint32_t row = 0; row < 400; ++row) {
    const std::vector<float> image = varied(augmenter, row);
    const bool turned = image[0] != 1;
    for (std::int64_t y = 0; y < height; ++y)
      for (std::int64_t x = 0; x < width; ++x)
        for (std::int64_t c = 0; c < channels; ++c) {
          const std::int64_t from = turned ? width - 1 - x : x;
          EXPECT_EQ(image[static_cast<std::size_t>((y * width + x) * channels + c)],
                    static_cast<float>((y * width + from) * channels + c + 1));
        }
    flipped += turned;
  }
  EXPECT_NEAR(flipped, 200, 40);
}

TEST(Augment, AlternatingFlipShowsEachSideEveryOtherEpoch) {
  Augmenter augmenter = augmenter_of("alternating_flip");
  int flipped = 0;
  for (std::uint32_t row = 0; row < 400; ++row) {
    std::vector<float> corners;
    for (std::uint32_t epoch = 0; epoch < 4; ++epoch) {
      augmenter.begin_epoch(epoch);
      corners.push_back(varied(augmenter, row)[0]);
    }
    EXPECT_NE(corners[0], corners[1]);
    EXPECT_EQ(corners[0], corners[2]);
    EXPECT_EQ(corners[1], corners[3]);
    flipped += corners[0] != 1;
  }
  EXPECT_NEAR(flipped, 200, 40);
}

TEST(Augment, CropMovesByEachDistance) {
  const Augmenter augmenter = augmenter_of("crop 2");
  std::set<float> corners;
  for (std::uint32_t row = 0; row < 400; ++row) {
    const std::vector<float> image = varied(augmenter, row);
    corners.insert(image[(2 * width + 2) * channels]);  // never moved out
    const auto kept = std::ranges::count_if(image, [](float v) { return v != 0; });
    EXPECT_GE(kept, (height - 2) * (width - 2) * channels);
  }
  EXPECT_EQ(corners.size(), 4u * 5 + 1);  // 0 too: from beyond the right edge
}

TEST(Augment, CutoutClearsASquareThatTheEdgesCut) {
  const Augmenter augmenter = augmenter_of("cutout 2");
  std::set<std::ptrdiff_t> cleared;
  for (std::uint32_t row = 0; row < 400; ++row)
    cleared.insert(std::ranges::count(varied(augmenter, row), 0.0f));
  EXPECT_EQ(cleared, (std::set<std::ptrdiff_t>{1 * channels, 2 * channels, 4 * channels}));
}

TEST(Augment, IsAddressedByEpochAndSample) {
  Augmenter a = augmenter_of("crop 2, flip, cutout 2"), b = a;
  b.begin_epoch(1);
  EXPECT_EQ(varied(a, 7), varied(a, 7));
  int same_epochs = 0, same_rows = 0;
  for (std::uint32_t row = 0; row < 100; ++row) {
    same_epochs += varied(a, row) == varied(b, row);
    same_rows += varied(a, row) == varied(a, row + 1);
  }
  EXPECT_LT(same_epochs, 10);
  EXPECT_LT(same_rows, 10);
}

TEST(Augment, RefusesWhatIsNoImageAndWhatIsTooLarge) {
  const auto error = [](const std::string& text, const Shape& shape) {
    return error_of([&] { Augmenter(parse_augment(text), 1, shape); });
  };
  EXPECT_TRUE(contains(error("flip", Shape{784}), "784"));
  EXPECT_TRUE(contains(error("cutout 5", Shape{5, 4, 3}), "5 pixels"));
  EXPECT_EQ(error("cutout 4", Shape{5, 4, 3}), "");
}

}  // namespace
}  // namespace rectify::data
