#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <cstdlib>
#include <map>
#include <set>

#include "rectify/data/dataset.h"
#include "rectify/data/sample_info.h"
#include "tests/data/idx_files.h"

namespace rectify::data {
namespace {

using testing::error_of;

const std::string plain = "toys:variant=plain", cluttered = "toys:variant=cluttered";

/// Column `column` of what is known of the samples.
std::vector<float> column(const SampleInfo& info, const std::vector<float>& numbers,
                          const std::string& name) {
  const auto at = std::find(info.names.begin(), info.names.end(), name) - info.names.begin();
  std::vector<float> values;
  for (std::size_t i = static_cast<std::size_t>(at); i < numbers.size(); i += info.names.size())
    values.push_back(numbers[i]);
  return values;
}

TEST(ToyPictures, AreTheSameForAnyNumberOfThreads) {
  ThreadPool one(1), three(3);
  for (const std::string& variant : {plain, cluttered}) {
    const std::string spec = variant + ",train=150,test=70";
    const Dataset first = open(spec, one), again = open(spec, three);
    EXPECT_EQ(fingerprint(first), fingerprint(again));
    EXPECT_NE(fingerprint(first), fingerprint(open(spec + ",seed=2", one)));
  }
}

#if defined(__x86_64__)
TEST(ToyPictures, AreTheSameBytesOnEveryProcessorOfTheFamily) {
  ThreadPool threads(2);
  // Whoever changes the pictures changes the sets that networks were trained on.
  EXPECT_EQ(fingerprint(open(plain + ",train=60,test=30", threads)), 3315931306829933323u);
  EXPECT_EQ(fingerprint(open(cluttered + ",train=60,test=30,size=48", threads)),
            12424985546621631283u);
}
#endif

TEST(ToyPictures, OfASmallerSetAreTheBeginningOfALargerOne) {
  ThreadPool threads(2);
  for (const std::string& variant : {plain, cluttered}) {
    const Dataset small = open(variant + ",train=20,test=13", threads);
    const Dataset large = open(variant + ",train=41,test=30", threads);
    for (const auto& [a, b] : {std::pair(&small.train, &large.train), {&small.test, &large.test}}) {
      EXPECT_TRUE(std::equal(a->bytes.begin(), a->bytes.end(), b->bytes.begin()));
      EXPECT_TRUE(std::equal(a->labels.begin(), a->labels.end(), b->labels.begin()));
    }
  }
}

TEST(ToyPictures, HaveTheShapeAndTheClassesThatAreAskedFor) {
  ThreadPool threads(2);
  const std::vector<std::string> five = {"animal", "human", "airplane", "truck", "car"};
  for (const int size : {32, 48, 96})
    for (const int cameras : {1, 2}) {
      const Dataset set = open(plain + ",train=5,test=6,size=" + std::to_string(size) +
                                   ",cameras=" + std::to_string(cameras),
                               threads);
      EXPECT_EQ(set.sample_shape, (Shape{size, size, cameras}));
      EXPECT_EQ(set.train.count, 5u);
      EXPECT_EQ(set.test.count, 6u);
      EXPECT_EQ(set.train.bytes.size(), 5 * set.features());
      EXPECT_EQ(set.class_names, five);
    }
  const Dataset six = open(cluttered + ",train=6,test=6", threads);
  EXPECT_EQ(six.class_names.size(), 6u);
  EXPECT_EQ(six.class_names.back(), "nothing");
}

TEST(ToyPictures, ShowTheSameInEverySize) {
  ThreadPool threads(2);
  for (const std::string& variant : {plain, cluttered}) {
    const std::string spec = variant + ",train=12,test=6,cameras=1";
    const Dataset small = open(spec, threads), large = open(spec + ",size=96", threads);
    double difference = 0;
    for (std::size_t i = 0; i < 12; ++i)
      for (std::size_t y = 0; y < 32; ++y)
        for (std::size_t x = 0; x < 32; ++x) {
          double sum = 0;
          for (std::size_t j = 0; j < 9; ++j)
            sum += large.train.bytes[(i * 96 + 3 * y + j / 3) * 96 + 3 * x + j % 3];
          difference += std::abs(sum / 9 - small.train.bytes[(i * 32 + y) * 32 + x]);
        }
    EXPECT_LT(difference / (12 * 32 * 32), 3) << variant;
  }
}

TEST(ToyPictures, OfAPairAreAlikeButNotTheSame) {
  ThreadPool threads(2);
  for (const std::string& variant : {plain, cluttered}) {
    const Dataset set = open(variant + ",train=60,test=6", threads);
    double apart = 0, other = 0;
    for (std::size_t i = 0; i + set.features() < set.train.bytes.size(); i += 2) {
      apart += std::abs(set.train.bytes[i] - set.train.bytes[i + 1]);
      other += std::abs(set.train.bytes[i] - set.train.bytes[i + set.features()]);
    }
    EXPECT_GT(apart, 0);
    EXPECT_LT(apart, .6 * other) << variant;
  }
}

TEST(ToyPictures, OfAPlainSetHaveAToyInTheMiddleOfAnEvenTable) {
  ThreadPool threads(2);
  const Dataset set = open(plain + ",train=100,test=100,cameras=1", threads);
  for (const Split* split : {&set.train, &set.test})
    for (std::size_t i = 0; i < split->count; ++i) {
      const std::uint8_t* picture = split->bytes.data() + i * set.features();
      std::map<std::uint8_t, std::size_t> rim;
      std::size_t middle = 0;
      for (std::size_t at = 0; at < 1024; ++at) {
        const std::size_t x = at % 32, y = at / 32;
        if (x == 0 || y == 0 || x == 31 || y == 31) ++rim[picture[at]];
      }
      const auto table = std::max_element(rim.begin(), rim.end(), [](const auto& a, const auto& b) {
                           return a.second < b.second;
                         })->first;
      for (std::size_t at = 0; at < 1024; ++at) {
        const std::size_t x = at % 32, y = at / 32;
        middle += x > 7 && x < 24 && y > 7 && y < 24 && std::abs(picture[at] - table) > 8;
      }
      EXPECT_EQ(table, 191) << i;  // three quarters of white, whatever the light
      EXPECT_GT(middle, 40u) << i;
    }
}

TEST(ToyPictures, HaveEveryClassOnceInEachRun) {
  ThreadPool threads(2);
  for (const std::size_t classes : {5, 6}) {
    const Dataset set = open((classes == 5 ? plain : cluttered) + ",train=60,test=30", threads);
    std::set<std::vector<std::int32_t>> orders;
    for (std::size_t run = 0; run + classes <= 60; run += classes) {
      const auto* first = set.train.labels.data() + run;
      orders.insert(std::vector(first, first + classes));
      EXPECT_EQ(std::set(first, first + classes).size(), classes);
    }
    EXPECT_GT(orders.size(), 4u);
  }
}

TEST(ToyPictures, OfTrainingAndTestShowOtherToys) {
  for (const std::string& variant : {plain, cluttered}) {
    const SampleInfo info = sample_info(variant);
    const auto instances = [&](const std::vector<float>& numbers) {
      const std::vector<float> values = column(info, numbers, "instance");
      std::set<float> seen(values.begin(), values.end());
      seen.erase(-1);  // of pictures without a toy
      return seen;
    };
    // As in NORB.
    EXPECT_EQ(instances(info.train), (std::set<float>{4, 6, 7, 8, 9}));
    EXPECT_EQ(instances(info.test), (std::set<float>{0, 1, 2, 3, 5}));
  }
}

TEST(ToyPictures, OfAFullPlainSetAreAllViewsOnce) {
  ThreadPool threads(1);
  const SampleInfo info = sample_info(plain);
  EXPECT_EQ(info.names, (std::vector<std::string>{"instance", "elevation", "azimuth", "lighting"}));
  EXPECT_TRUE(info.whole);
  for (const auto* numbers : {&info.train, &info.test}) {
    ASSERT_EQ(numbers->size(), 4 * 24300u);
    std::map<std::vector<float>, int> views;
    std::set<float> azimuths;
    for (std::size_t i = 0; i < numbers->size(); i += 4) {
      ++views[std::vector(numbers->begin() + static_cast<std::ptrdiff_t>(i),
                          numbers->begin() + static_cast<std::ptrdiff_t>(i + 4))];
      azimuths.insert((*numbers)[i + 2]);
    }
    // Each of 5 x 9 x 18 x 6 views once for each of the five categories.
    EXPECT_EQ(views.size(), 4860u);
    for (const auto& [view, count] : views) EXPECT_EQ(count, 5);
    EXPECT_EQ(azimuths.size(), 18u);
    EXPECT_EQ(*azimuths.rbegin(), 34);
  }
}

TEST(ToyPictures, AreJitteredAsFarAsInNorb) {
  struct Range {
    const char* name;
    float low, high;
    std::size_t values;
  };
  const SampleInfo info = sample_info(cluttered + ",train=6000,test=6");
  EXPECT_EQ(info.names.size(), 10u);
  EXPECT_FALSE(info.whole);
  for (const Range& range : {Range{"shift_x", -6, 6, 13}, Range{"shift_y", -6, 6, 13},
                             Range{"brightness", -20, 20, 41}, Range{"contrast", .79f, 1.3f, 33},
                             Range{"scale", .78f, 1, 15}, Range{"rotation", -5, 5, 500}}) {
    const std::vector<float> values = column(info, info.train, range.name);
    ASSERT_EQ(values.size(), 6000u);
    EXPECT_GE(*std::min_element(values.begin(), values.end()), range.low) << range.name;
    EXPECT_LE(*std::max_element(values.begin(), values.end()), range.high) << range.name;
    EXPECT_GE(std::set(values.begin(), values.end()).size(), range.values) << range.name;
  }
}

TEST(ToyPictures, RefuseWrongOptionsInOneLine) {
  ThreadPool threads(1);
  const std::pair<const char*, const char*> table[] = {
      {"variant=plane", "variant cannot be 'plane'; known are plain, cluttered"},
      {"variant=plain,size=64", "size cannot be '64'"},
      {"variant=plain,cameras=3", "cameras must be a whole number from 1 to 2, not '3'"},
      {"variant=plain,train=4", "train must be a whole number from 5 to 24300, not '4'"},
      {"variant=plain,test=24301", "test must be a whole number from 5 to 24300"},
      {"variant=cluttered,train=5", "train must be a whole number from 6 to 10000000"},
      {"variant=plain,seed=-1", "seed must be a whole number from 0"},
      {"variant=plain,shape=moons", "there is no option 'shape'"},
      {"variant=plain,noise=1", "there is no option 'noise'"},
      {"variant=plain,variant=plain", "option 'variant' is given twice"},
      {"variant", "option 'variant' needs a value"},
      {"size=96", "there is no option 'size' without variant="},
      {"train=20,cameras=1", "there is no option 'cameras' without variant="},
  };
  for (const auto& [options, complaint] : table) {
    const std::string error = error_of([&] { open("toys:" + std::string(options), threads); });
    EXPECT_NE(error.find(complaint), std::string::npos) << options << ": " << error;
    EXPECT_EQ(error.find('\n'), std::string::npos);
  }
}

TEST(SampleInfo, IsEmptyWhereNothingIsKnown) {
  EXPECT_TRUE(sample_info("glyphs").names.empty());
  EXPECT_TRUE(sample_info("toys:shape=moons").names.empty());
  EXPECT_NE(error_of([] { sample_info("toy"); }).find("did you mean 'toys'?"), std::string::npos);
}

}  // namespace
}  // namespace rectify::data
