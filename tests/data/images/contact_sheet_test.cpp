#include "rectify/data/images/contact_sheet.h"

#include <gtest/gtest.h>
#include <png.h>

#include <cmath>

#include "rectify/data/summary.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;

struct Decoded {
  std::size_t width = 0, height = 0, channels = 0;
  std::vector<std::uint8_t> bytes;
};

Decoded decode(const std::string& png) {
  png_image image{};
  image.version = PNG_IMAGE_VERSION;
  if (!png_image_begin_read_from_memory(&image, png.data(), png.size())) return {};
  Decoded decoded{image.width, image.height, PNG_IMAGE_SAMPLE_CHANNELS(image.format), {}};
  image.format = decoded.channels == 3 ? PNG_FORMAT_RGB : PNG_FORMAT_GRAY;
  decoded.bytes.resize(PNG_IMAGE_SIZE(image));
  png_image_finish_read(&image, nullptr, decoded.bytes.data(), 0, nullptr);
  return decoded;
}

/// Four images of 2x3 in two classes; image i is all 40 i.
Dataset small(std::int64_t channels) {
  Dataset dataset;
  dataset.spec = "small";
  dataset.sample_shape = Shape{2, 3, channels};
  dataset.class_names = {"a", "b"};
  dataset.train.count = 4;
  dataset.train.labels = {1, 0, 1, 1};
  for (int i = 0; i < 4; ++i)
    dataset.train.bytes.insert(dataset.train.bytes.end(), dataset.features(),
                               static_cast<std::uint8_t>(40 * i));
  return dataset;
}

TEST(ContactSheet, HasOneRowAClassAndTheFirstSamplesInIt) {
  for (const std::int64_t channels : {1, 3}) {
    const Decoded sheet = decode(contact_sheet_png(small(channels), 2));
    ASSERT_EQ(sheet.width, 2 * (3 + 2) + 2u);
    ASSERT_EQ(sheet.height, 2 * (2 + 2) + 2u);
    ASSERT_EQ(sheet.channels, static_cast<std::size_t>(channels));
    const auto at = [&](std::size_t x, std::size_t y) {
      return sheet.bytes[(y * sheet.width + x) * sheet.channels];
    };
    EXPECT_EQ(at(2, 2), 40);  // class a has one sample
    EXPECT_EQ(at(7, 2), 96);  // and then paper
    EXPECT_EQ(at(2, 6), 0);   // class b
    EXPECT_EQ(at(9, 7), 80);  // its second
    EXPECT_EQ(at(0, 0), 96);
  }
}

TEST(PairSheet, PutsThePicturesOfAPairSideBySide) {
  Dataset pairs = small(2);
  for (std::size_t i = 1; i < pairs.train.bytes.size(); i += 2) pairs.train.bytes[i] = 200;
  const Decoded sheet = decode(pair_sheet_png(pairs, 2));
  ASSERT_EQ(sheet.width, 2 * (6 + 2) + 2u);
  ASSERT_EQ(sheet.height, 2 * (2 + 2) + 2u);
  ASSERT_EQ(sheet.channels, 1u);
  const auto at = [&](std::size_t x, std::size_t y) { return sheet.bytes[y * sheet.width + x]; };
  // The second sample of class b is the third of all, whose first picture is all 80.
  for (std::size_t y = 6; y < 8; ++y)
    for (std::size_t x = 0; x < 6; ++x) EXPECT_EQ(at(10 + x, y), x < 3 ? 80 : 200);
  EXPECT_EQ(at(8, 6), 96);
  // What is no pair is shown as ever.
  EXPECT_EQ(pair_sheet_png(small(3), 2), contact_sheet_png(small(3), 2));
}

TEST(ContactSheet, IsDeterministicForRealData) {
  ThreadPool threads(1);
  const Dataset dataset = open("glyphs:train=60,test=10", threads);
  const std::string png = contact_sheet_png(dataset, 5);
  EXPECT_EQ(png, contact_sheet_png(dataset, 5));
  EXPECT_EQ(decode(png).width, 5 * 30 + 2u);
}

TEST(ContactSheet, SaysWhyItCannotBe) {
  ThreadPool threads(1);
  const Dataset moons = open("moons:train=10,test=10", threads);
  EXPECT_EQ(error_of([&] { contact_sheet_png(moons, 3); }),
            "a contact sheet shows images of bytes, HxWx1 or HxWx3; 'moons:train=10,test=10' has "
            "samples of 2 floats");
  EXPECT_NE(error_of([] { contact_sheet_png(small(2), 3); }).find("2x3x2 bytes"),
            std::string::npos);
  EXPECT_NE(error_of([] { contact_sheet_png(small(1), 0); }).find("at least 1"), std::string::npos);
  EXPECT_NE(error_of([] { contact_sheet_png(small(1), 2000000000); }).find("too large"),
            std::string::npos);
  Dataset regression = small(1);
  regression.class_names.clear();
  regression.train.labels.clear();
  EXPECT_NE(error_of([&] { contact_sheet_png(regression, 1); }).find("no classes"),
            std::string::npos);
}

TEST(Summary, CountsAndMeasuresBothSplits) {
  Dataset dataset = small(1);
  dataset.train.bytes[0] = 3;
  const Summary summary = summarise(dataset);
  EXPECT_EQ(summary.sample_shape, (Shape{2, 3, 1}));
  EXPECT_TRUE(summary.bytes);
  EXPECT_EQ(summary.train.count, 4u);
  EXPECT_EQ(summary.train.per_class, (std::vector<std::size_t>{1, 3}));
  EXPECT_EQ(summary.train.min, 0);
  EXPECT_EQ(summary.train.max, 120);
  EXPECT_NEAR(summary.train.mean, 60 + 3 / 24.0, 1e-12);
  EXPECT_NEAR(summary.train.zeros, 5 / 24.0, 1e-12);
  EXPECT_EQ(summary.train.constant_features, 0u);
  EXPECT_EQ(summary.test.count, 0u);
  EXPECT_TRUE(std::isnan(summary.test.mean));
  EXPECT_EQ(summary.test.per_class, (std::vector<std::size_t>{0, 0}));
}

TEST(Summary, OfConstantFloatsHasDeviationZero) {
  Dataset dataset;
  dataset.sample_shape = Shape{3};
  dataset.target_width = 1;
  dataset.train.count = 4;
  dataset.train.values.assign(12, 0.1f);
  dataset.train.targets.assign(4, 1.0f);
  const Summary summary = summarise(dataset);
  EXPECT_EQ(summary.train.deviation, 0);
  EXPECT_EQ(summary.train.constant_features, 3u);
  EXPECT_TRUE(summary.train.per_class.empty());
  EXPECT_FALSE(summary.bytes);
}

}  // namespace
}  // namespace rectify::data
