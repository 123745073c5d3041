// Pictures turned upright, resized and cropped. All values are worked out by hand.

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <vector>

#include "rectify/data/images/image.h"
#include "tests/data/files.h"

namespace rectify::data {
namespace {

using testing::big;
using testing::error_of;
using testing::little;

Image grey(std::size_t height, std::size_t width, std::vector<std::uint8_t> bytes) {
  return {.width = width, .height = height, .channels = 1, .bytes = std::move(bytes)};
}

using Bytes = std::vector<std::uint8_t>;

TEST(Fitted, LeavesAPictureOfTheSizeAsItIs) {
  const Bytes bytes = {1, 2, 3, 4, 5, 6};
  EXPECT_EQ(fitted(grey(2, 3, bytes), 2, 3, 1).bytes, bytes);
}

// Of 4 pixels, 2: new pixels lie at 1 and 3 and reach 2 far. The first is made of pixels at 0.5,
// 1.5 and 2.5 with the shares 3/7, 3/7 and 1/7: (3 * 0 + 3 * 70 + 140) / 7 = 50.
TEST(Fitted, ShrinksOverAllPixelsThatFallTogether) {
  const Bytes line = {0, 70, 140, 210};
  Bytes square;
  for (int y = 0; y < 4; ++y) square.insert(square.end(), line.begin(), line.end());
  EXPECT_EQ(fitted(grey(4, 4, square), 2, 2, 1).bytes, (Bytes{50, 160, 50, 160}));
  Bytes turned;
  for (const std::uint8_t v : line) turned.insert(turned.end(), 4, v);
  EXPECT_EQ(fitted(grey(4, 4, turned), 2, 2, 1).bytes, (Bytes{50, 50, 160, 160}));
}

TEST(Fitted, EnlargesByLinearInterpolation) {
  EXPECT_EQ(fitted(grey(2, 2, {0, 100, 0, 100}), 4, 4, 1).bytes,
            (Bytes{0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100, 0, 25, 75, 100}));
}

TEST(Fitted, CutsTheMiddleToTheShape) {
  EXPECT_EQ(fitted(grey(1, 3, {9, 50, 7}), 1, 1, 1).bytes, (Bytes{50}));
  EXPECT_EQ(fitted(grey(5, 1, {1, 2, 50, 3, 4}), 1, 1, 1).bytes, (Bytes{50}));
  EXPECT_EQ(fitted(grey(2, 6, {1, 2, 3, 4, 5, 6, 7, 8, 9, 10, 11, 12}), 2, 2, 1).bytes,
            (Bytes{3, 4, 9, 10}));
  const Image wide = fitted(grey(4, 8, Bytes(32, 200)), 3, 7, 1);
  EXPECT_EQ(wide.height, 3u);
  EXPECT_EQ(wide.width, 7u);
  EXPECT_EQ(wide.bytes, Bytes(21, 200)) << "an even picture stays even";
}

TEST(Fitted, DoesNotFlickerOnAChessboard) {
  Bytes board;
  for (int y = 0; y < 64; ++y)
    for (int x = 0; x < 64; ++x) board.push_back((x + y) % 2 ? 255 : 0);
  for (const std::uint8_t v : fitted(grey(64, 64, board), 7, 7, 1).bytes) EXPECT_NEAR(v, 127.5, 3);
}

// BT.601: 0.299 red, 0.587 green, 0.114 blue.
TEST(Fitted, TurnsColoursIntoGreyAndGreyIntoThreeChannels) {
  const Image colours = {.width = 4,
                         .height = 1,
                         .channels = 3,
                         .bytes = {255, 0, 0, 0, 255, 0, 0, 0, 255, 255, 255, 255}};
  EXPECT_EQ(fitted(colours, 1, 4, 1).bytes, (Bytes{76, 150, 29, 255}));
  EXPECT_EQ(fitted(grey(1, 2, {7, 9}), 1, 2, 3).bytes, (Bytes{7, 7, 7, 9, 9, 9}));
  const Image small = fitted(colours, 1, 2, 3);
  EXPECT_EQ(small.channels, 3u);
  EXPECT_EQ(small.bytes.size(), 6u);
}

TEST(Fitted, RefusesShapesThatNoPictureHas) {
  EXPECT_NE(error_of([] { fitted(grey(1, 1, {1}), 1, 1, 2); }).find("cannot be made into 2"),
            std::string::npos);
  EXPECT_NE(error_of([] { fitted(grey(1, 1, {1}), 0, 1, 1); }).find("0x1"), std::string::npos);
  EXPECT_NE(error_of([] { fitted(grey(1, 1, {1}), 1u << 20, 1u << 20, 1); }).find("1048576x"),
            std::string::npos);
}

/// A segment APP1 with one directory of `entries`.
std::string app1(const std::string& entries, std::uint32_t count, bool high_first) {
  const auto number = [&](std::uint64_t value, int bytes) {
    return high_first ? big(value, bytes) : little(value, bytes);
  };
  return std::string("Exif\0\0", 6) + (high_first ? "MM" : "II") + number(42, 2) + number(8, 4) +
         number(count, 2) + entries;
}

std::string orientation_entry(int orientation, bool high_first) {
  const auto number = [&](std::uint64_t value, int bytes) {
    return high_first ? big(value, bytes) : little(value, bytes);
  };
  return number(0x0112, 2) + number(3, 2) + number(1, 4) + number(orientation, 2) + number(0, 2);
}

/// `file` with a segment behind its first two bytes.
std::string with_segment(const std::string& file, const std::string& segment) {
  return file.substr(0, 2) + "\xff\xe1" + big(segment.size() + 2, 2) + segment + file.substr(2);
}

/// A JPEG picture of even fields, 8x8 pixels each, so that it loses nothing.
std::string fields(const std::vector<std::string>& rows) {
  std::string bytes;
  for (const std::string& row : rows)
    for (int y = 0; y < 8; ++y)
      for (const char field : row) bytes += std::string(8, static_cast<char>(30 * (field - 'a')));
  return testing::jpeg(8 * rows[0].size(), 8 * rows.size(), 1, bytes);
}

/// The fields of a picture, row after row.
std::string read_fields(const Image& image) {
  std::string all;
  for (std::size_t y = 4; y < image.height; y += 8) {
    for (std::size_t x = 4; x < image.width; x += 8)
      all += static_cast<char>('a' + (image.bytes[y * image.width + x] + 15) / 30);
    all += ' ';
  }
  return all;
}

TEST(Jpeg, IsTurnedUprightByEveryOrientation) {
  const std::string file = fields({"abc", "def"});
  // EXIF 2.3, table 6 (orientation), applied to "abc" over "def".
  const std::array<const char*, 9> seen = {"abc def ",  "abc def ",  "cba fed ",
                                           "fed cba ",  "def abc ",  "ad be cf ",
                                           "da eb fc ", "fc eb da ", "cf be ad "};
  for (const bool high_first : {false, true})
    for (int orientation = 0; orientation <= 8; ++orientation) {
      const std::string entries = orientation_entry(orientation, high_first);
      const Image image =
          decode_image(with_segment(file, app1(entries, 1, high_first)), "turned.jpg");
      EXPECT_EQ(read_fields(image), seen[static_cast<std::size_t>(orientation)]) << orientation;
      EXPECT_EQ(image.width, orientation >= 5 ? 16u : 24u);
    }
}

TEST(Jpeg, OfColoursIsTurnedPixelByPixel) {
  const Image image = {.width = 2, .height = 1, .channels = 3, .bytes = {1, 2, 3, 4, 5, 6}};
  EXPECT_EQ(upright(image, 6).bytes, (Bytes{1, 2, 3, 4, 5, 6}));
  EXPECT_EQ(upright(image, 6).height, 2u);
  EXPECT_EQ(upright(image, 8).bytes, (Bytes{4, 5, 6, 1, 2, 3}));
}

TEST(ExifOrientation, FindsItsEntryAmongOthers) {
  const std::string other = little(0x0100, 2) + little(4, 2) + little(1, 4) + little(640, 4);
  EXPECT_EQ(exif_orientation(app1(other + orientation_entry(6, false), 2, false)), 6);
  EXPECT_EQ(exif_orientation(app1(other, 1, false)), 1);
}

TEST(ExifOrientation, IsOneForWhatCannotBeRead) {
  const std::string good = app1(orientation_entry(6, false), 1, false);
  ASSERT_EQ(exif_orientation(good), 6);
  for (std::size_t cut = 0; cut + 2 < good.size() - 2; ++cut)
    EXPECT_EQ(exif_orientation(good.substr(0, cut)), 1) << cut;
  EXPECT_EQ(exif_orientation(app1(orientation_entry(9, false), 1, false)), 1);
  EXPECT_EQ(exif_orientation("http://ns.adobe.com/xap/1.0/"), 1);
  std::string far = good;
  far.replace(10, 4, "\xff\xff\xff\xff");  // the directory lies past the end
  EXPECT_EQ(exif_orientation(far), 1);
  EXPECT_EQ(exif_orientation(app1("", 65535, false)), 1) << "entries that are not there";
}

}  // namespace
}  // namespace rectify::data
