#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <string_view>

#include "rectify/base/file.h"
#include "rectify/data/dataset.h"
#include "rectify/data/glyphs/pen.h"
#include "rectify/data/glyphs/shapes.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;

Dataset glyphs(const std::string& options, int threads = 2) {
  ThreadPool pool(threads);
  return open("glyphs:" + options, pool);
}

std::uint64_t hash(const Split& split) {
  const std::string_view bytes(reinterpret_cast<const char*>(split.bytes.data()),
                               split.bytes.size());
  const std::string labels(split.labels.begin(), split.labels.end());
  return fnv1a(labels, fnv1a(bytes));
}

TEST(Glyphs, AreTheSameBytesOnEveryMachine) {
  struct Golden {
    const char* options;
    std::uint64_t train, test;
  };
  const Golden table[] = {
      {"train=100,test=50", 0x640e600c1d9c815bu, 0xf8af554cd57bf49cu},
      {"train=1000,test=500", 0xe24efbb7aea2b427u, 0xc075771fb704275du},
      {"train=300,test=100,difficulty=0", 0x774a6f75cbfc4ba4u, 0x36a76961e446c1ceu},
      {"train=300,test=100,difficulty=1,seed=77", 0x4ce6ae54447a7c42u, 0x186be3c8589dcd90u},
  };
  for (const Golden& golden : table) {
    const Dataset dataset = glyphs(golden.options);
    EXPECT_EQ(hash(dataset.train), golden.train) << golden.options;
    EXPECT_EQ(hash(dataset.test), golden.test) << golden.options;
  }
}

TEST(Glyphs, AreTheSameForAnyThreadCount) {
  const Dataset one = glyphs("train=700,test=300,seed=4", 1);
  for (const int threads : {2, 3}) {
    const Dataset more = glyphs("train=700,test=300,seed=4", threads);
    EXPECT_EQ(one.train.bytes, more.train.bytes);
    EXPECT_EQ(one.test.bytes, more.test.bytes);
    EXPECT_EQ(fingerprint(one), fingerprint(more));
  }
}

TEST(Glyphs, OfASmallerSetBeginTheLarger) {
  const Dataset small = glyphs("train=95,test=20"), large = glyphs("train=400,test=50");
  EXPECT_TRUE(
      std::equal(small.train.bytes.begin(), small.train.bytes.end(), large.train.bytes.begin()));
  EXPECT_TRUE(
      std::equal(small.train.labels.begin(), small.train.labels.end(), large.train.labels.begin()));
}

TEST(Glyphs, HaveEveryClassEquallyOftenInMixedOrder) {
  const Dataset dataset = glyphs("train=1000,test=500");
  EXPECT_EQ(dataset.sample_shape, (Shape{28, 28, 1}));
  EXPECT_EQ(dataset.class_names[7], "7");
  for (const Split* split : {&dataset.train, &dataset.test})
    for (std::int32_t label = 0; label < 10; ++label)
      EXPECT_EQ(std::count(split->labels.begin(), split->labels.end(), label),
                static_cast<std::ptrdiff_t>(split->count / 10));
  int repeats = 0;
  for (std::size_t i = 10; i < 1000; ++i)
    repeats += dataset.train.labels[i] == dataset.train.labels[i - 10];
  EXPECT_LT(repeats, 200);
}

TEST(Glyphs, DifferWithSeedSplitAndSample) {
  const Dataset a = glyphs("train=100,test=100"), b = glyphs("train=100,test=100,seed=2");
  EXPECT_NE(a.train.bytes, b.train.bytes);
  EXPECT_NE(a.train.bytes, a.test.bytes);
  EXPECT_NE(a.train.labels, a.test.labels);
  std::vector<std::string> images;
  for (std::size_t i = 0; i < 100; ++i)
    images.emplace_back(a.train.bytes.begin() + i * 784, a.train.bytes.begin() + (i + 1) * 784);
  std::sort(images.begin(), images.end());
  EXPECT_EQ(std::adjacent_find(images.begin(), images.end()), images.end());
}

TEST(Glyphs, AreInkOnEmptyPaperAwayFromTheBorder) {
  for (const char* difficulty : {"0", "0.5", "1"}) {
    const Dataset dataset = glyphs(std::string("train=500,test=10,difficulty=") + difficulty);
    std::size_t empty = 0;
    for (std::size_t i = 0; i < 500; ++i) {
      const std::uint8_t* image = dataset.train.bytes.data() + i * 784;
      const auto inked = std::count_if(image, image + 784, [](int v) { return v > 60; });
      EXPECT_GT(inked, 15) << "sample " << i << " at difficulty " << difficulty;
      EXPECT_LT(inked, 450) << "sample " << i << " at difficulty " << difficulty;
      empty += std::count(image, image + 784, 0);
    }
    EXPECT_GT(empty, 500 * 784 * 0.7);
  }
}

TEST(Glyphs, GetHarderWithDifficulty) {
  // How far the samples of a class are from their mean, against how far the means are apart.
  double before = 0;
  for (const char* difficulty : {"0", "0.25", "0.5", "0.75", "1"}) {
    const Dataset dataset = glyphs(std::string("train=1000,test=10,difficulty=") + difficulty);
    std::vector<double> mean(10 * 784, 0.0), all(784, 0.0);
    for (std::size_t i = 0; i < 1000; ++i)
      for (std::size_t j = 0; j < 784; ++j) {
        mean[dataset.train.labels[i] * 784 + j] += dataset.train.bytes[i * 784 + j] / 100.0;
        all[j] += dataset.train.bytes[i * 784 + j] / 1000.0;
      }
    double within = 0, between = 0;
    for (std::size_t i = 0; i < 1000; ++i)
      for (std::size_t j = 0; j < 784; ++j) {
        const double centre = mean[dataset.train.labels[i] * 784 + j];
        within += std::pow(dataset.train.bytes[i * 784 + j] - centre, 2);
        between += std::pow(centre - all[j], 2);
      }
    EXPECT_GT(within / between, before) << difficulty;
    before = within / between;
  }
}

TEST(Glyphs, RefuseWrongOptions) {
  const auto error = [](const std::string& options) { return error_of([&] { glyphs(options); }); };
  EXPECT_EQ(error("clases=digits"),
            "data 'glyphs:clases=digits': there is no option 'clases'; did you mean 'classes'?");
  EXPECT_EQ(error("classes=letters"),
            "data 'glyphs:classes=letters': classes cannot be 'letters'; known are digits, alnum");
  EXPECT_NE(error("classes=alnum,train=61").find("from 62 to"), std::string::npos);
  EXPECT_EQ(error("train=9"),
            "data 'glyphs:train=9': train must be a whole number from 10 to 10000000, not '9'");
  for (const char* wrong :
       {"train=1e3", "train=", "train", "difficulty=1.1", "difficulty=-0.1", "difficulty=nan",
        "complexity=1.5", "complexity=-1", "seed=-1", "seed=1,seed=2", "test=0",
        "train=99999999999", ",", "train=10,,test=10", "=3"})
    EXPECT_NE(error(wrong), "") << wrong;
  EXPECT_EQ(error(" train = 20 , test=10"), "");
}

TEST(Glyphs, WithLettersAreTheSixtyTwoClassesOfNist) {
  const Dataset dataset = glyphs("classes=alnum,train=620,test=62");
  ASSERT_EQ(dataset.classes(), 62u);
  EXPECT_EQ(dataset.class_names[9], "9");
  EXPECT_EQ(dataset.class_names[10], "A");
  EXPECT_EQ(dataset.class_names[35], "Z");
  EXPECT_EQ(dataset.class_names[36], "a");
  EXPECT_EQ(dataset.class_names[61], "z");
  for (std::int32_t label = 0; label < 62; ++label)
    EXPECT_EQ(std::count(dataset.train.labels.begin(), dataset.train.labels.end(), label), 10);
}

TEST(Glyphs, AreDistortedWithComplexityTheSameForAnyThreadCount) {
  const std::string options = "classes=alnum,train=300,test=100,complexity=0.7";
  const Dataset one = glyphs(options, 1), more = glyphs(options, 3);
  EXPECT_EQ(one.train.bytes, more.train.bytes);
  EXPECT_EQ(hash(one.train), 0x670a6584fdce32f3u);
  EXPECT_EQ(hash(one.test), 0x8f18c2e4d7fbc45cu);
  const Dataset plain = glyphs("classes=alnum,train=300,test=100");
  EXPECT_EQ(plain.train.labels, one.train.labels);
  EXPECT_NE(plain.train.bytes, one.train.bytes);
  EXPECT_EQ(glyphs("train=100,test=50,complexity=0").train.bytes,
            glyphs("train=100,test=50").train.bytes);
}

TEST(Glyphs, GetFurtherFromThemselvesWithComplexity) {
  const Dataset plain = glyphs("train=500,test=10");
  double before = 0;
  for (const char* complexity : {"0.1", "0.4", "1"}) {
    const Dataset dataset = glyphs(std::string("train=500,test=10,complexity=") + complexity);
    double distance = 0;
    for (std::size_t i = 0; i < plain.train.bytes.size(); ++i) {
      // Of a picture and its negative, the one that is nearer.
      const std::size_t sample = i / 784 * 784;
      const bool negative = dataset.train.bytes[sample] > 127;
      const int value = negative ? 255 - dataset.train.bytes[i] : dataset.train.bytes[i];
      distance += std::abs(value - plain.train.bytes[i]);
    }
    EXPECT_GT(distance, 1.2 * before) << complexity;
    before = distance;
  }
}

TEST(GlyphShapes, HaveSeveralWaysOfWritingEachLetter) {
  std::vector<Glyph> letters = capital_glyphs();
  for (const Glyph& glyph : small_glyphs()) letters.push_back(glyph);
  ASSERT_EQ(letters.size(), 52u);
  for (const Glyph& glyph : letters) {
    EXPECT_GE(glyph.variants.size(), 2u) << glyph.name;
    for (const Variant& variant : glyph.variants) {
      EXPECT_GT(variant.weight, 0);
      for (const Stroke& stroke : variant.strokes) {
        EXPECT_GE(stroke.size(), 2u) << glyph.name;
        for (const Knot& knot : stroke)
          EXPECT_TRUE(knot.x >= -5 && knot.x <= 65 && knot.y >= 0 && knot.y <= 134) << glyph.name;
      }
    }
  }
}

TEST(GlyphShapes, HaveAtLeastThreeWaysOfWritingEachDigit) {
  const std::vector<Glyph> glyphs = digit_glyphs();
  ASSERT_EQ(glyphs.size(), 10u);
  for (const Glyph& glyph : glyphs) {
    EXPECT_GE(glyph.variants.size(), 3u);
    for (const Variant& variant : glyph.variants) {
      EXPECT_GT(variant.weight, 0);
      ASSERT_FALSE(variant.strokes.empty());
      for (const Stroke& stroke : variant.strokes) {
        EXPECT_GE(stroke.size(), 2u);
        for (const Knot& knot : stroke)
          EXPECT_TRUE(knot.x >= -5 && knot.x <= 65 && knot.y >= 0 && knot.y <= 100) << glyph.name;
      }
    }
  }
}

TEST(GlyphPen, RootsAreTheLargestWholeNumbersBelow) {
  for (std::int64_t i = 0; i < 5000; ++i)
    for (const std::int64_t square : {i * i, i * i + 2 * i}) EXPECT_EQ(whole_sqrt(square), i);
  for (const std::int64_t root : {std::int64_t{46341}, std::int64_t{2147483647}}) {
    EXPECT_EQ(whole_sqrt(root * root), root);
    EXPECT_EQ(whole_sqrt(root * root - 1), root - 1);
  }
}

TEST(GlyphPen, SinesAreAsNearAsTheySay) {
  for (std::int64_t angle = -49152; angle <= 49152; angle += 64) {
    const SineCosine got = sine_cosine(angle);
    EXPECT_NEAR(got.sine / 65536.0, std::sin(angle / 65536.0), 1 / 2000.0);
    EXPECT_NEAR(got.cosine / 65536.0, std::cos(angle / 65536.0), 1 / 2000.0);
  }
}

TEST(GlyphPen, DrawsALineOfItsWidthAndStaysOnTheCanvas) {
  Canvas ink{};
  draw({{4 * pixel, 14 * pixel, 2 * pixel}, {24 * pixel, 14 * pixel, 2 * pixel}}, pixel, ink);
  for (std::size_t y = 0; y < 28; ++y)
    EXPECT_EQ(ink[y * 28 + 14], y >= 12 && y < 16 ? 255 : 0) << y;
  Canvas outside{};
  draw({{-90 * pixel, -50 * pixel, 3 * pixel}, {-90 * pixel, -50 * pixel, 3 * pixel}}, pixel,
       outside);
  draw({{200 * pixel, 14 * pixel, pixel}, {90 * pixel, 99 * pixel, pixel}}, pixel, outside);
  EXPECT_EQ(outside, Canvas{});
}

}  // namespace
}  // namespace rectify::data
