// What samples are scaled to: by hand.

#include <gtest/gtest.h>

#include <cmath>

#include "rectify/data/dataset.h"

namespace rectify::data {
namespace {

const std::vector<std::uint32_t> rows = {0, 1, 2};

/// Three rows of training and one that is held out, which must not count.
Dataset table() {
  Dataset d;
  d.sample_shape = Shape{3};
  d.columns = {"a", "b", "c"};
  d.target_width = 1;
  d.train = {
      .count = 4, .values = {1, -4, 7, 2, 0, 7, 5, 4, 7, 100, 100, 100}, .targets = {1, 2, 3, 50}};
  return d;
}

TEST(Normalisation, ToTheRangeMapsEachColumnsEndsToZeroAndOne) {
  ThreadPool threads(1);
  const Normalisation by = normalisation_of(table(), rows, threads, Normaliser::range);
  EXPECT_EQ(by.inputs, (std::vector<Scaling>{{1, 0.25}, {-4, 0.125}, {7, 0}}))
      << "a constant column is 0";
  EXPECT_EQ(by.targets, normalisation_of(table(), rows, threads).targets);
  EXPECT_EQ(by.targets[0].mean, 2) << "targets keep mean and deviation";
}

TEST(Normalisation, CanLeaveColumnsAsTheyAreStored) {
  ThreadPool threads(1);
  const Normalisation by = normalisation_of(table(), rows, threads, Normaliser::none);
  EXPECT_EQ(by.inputs, (std::vector<Scaling>{{0, 1}, {0, 1}, {0, 0}}));
}

TEST(Normalisation, ToTheRangeIsOfEachChannelOfAnImage) {
  ThreadPool threads(1);
  Dataset image;
  image.sample_shape = Shape{1, 2, 2};
  image.train = {.count = 3, .bytes = {10, 0, 30, 255, 20, 100, 15, 5, 255, 1, 255, 1}};
  const std::vector<std::uint32_t> two = {0, 1};
  const Normalisation by = normalisation_of(image, two, threads, Normaliser::range);
  EXPECT_EQ(by.inputs, (std::vector<Scaling>{{10, 1.0f / 20}, {0, 1.0f / 255}}));
  EXPECT_EQ(normalisation_of(image, two, threads, Normaliser::none).inputs,
            (std::vector<Scaling>(2)));
}

const std::vector<std::uint32_t> first_two = {0, 1};

/// Rows without names, the last of which is held out.
Dataset arrays() {
  Dataset d;
  d.sample_shape = Shape{3};
  d.train = {.count = 3, .values = {1, 10, 7, 3, -30, 7, 100, 100, 9}};
  return d;
}

TEST(Normalisation, GivesEachFeatureOfArraysItsOwnScale) {
  ThreadPool threads(1);
  const Dataset d = arrays();
  const Normalisation by = normalisation_of(d, first_two, threads, Normaliser::features);
  EXPECT_EQ(by.inputs, (std::vector<Scaling>{{2, 1}, {-10, 1.0f / 20}, {7, 0}}));
  std::vector<float> scaled(6);
  const std::vector<std::uint32_t> seen_and_new = {0, 2};
  gather(d.train, 3, seen_and_new, by.inputs, scaled.data());
  EXPECT_EQ(scaled[0], -1);
  EXPECT_FLOAT_EQ(scaled[1], 1);
  EXPECT_EQ(scaled[2], 0);
  EXPECT_EQ(scaled[5], 0) << "what was constant is 0 in later data too";
  EXPECT_EQ(normalisation_of(d, first_two, threads).inputs.size(), 1u) << "standard: one for all";
}

TEST(Normalisation, GivesEachByteOfARowItsOwnScale) {
  ThreadPool threads(1);
  Dataset d;
  d.sample_shape = Shape{3};
  d.train = {.count = 2, .bytes = {0, 100, 7, 2, 140, 7}};
  EXPECT_EQ(normalisation_of(d, first_two, threads, Normaliser::features).inputs,
            (std::vector<Scaling>{{1, 1}, {120, 1.0f / 20}, {7, 0}}));
}

TEST(Normalisation, OfATableIsTheSameByFeature) {
  ThreadPool threads(1);
  EXPECT_EQ(normalisation_of(table(), rows, threads, Normaliser::features),
            normalisation_of(table(), rows, threads));
}

TEST(Normalisation, TakesAChannelThatIsConstantAsZero) {
  ThreadPool threads(1);
  Dataset image;
  image.sample_shape = Shape{1, 2, 2};
  image.train = {.count = 2, .bytes = {0, 9, 2, 9, 2, 9, 0, 9}};
  EXPECT_EQ(normalisation_of(image, first_two, threads, Normaliser::features).inputs,
            (std::vector<Scaling>{{1, 1}, {9, 0}}));
  EXPECT_EQ(normalisation_of(image, first_two, threads).inputs,
            (std::vector<Scaling>{{1, 1}, {9, 1}}));
  Dataset sequence;
  sequence.sample_shape = Shape{2, 2};
  sequence.train = {.count = 2, .values = {0, 9, 2, 9, 2, 9, 0, 9}};
  EXPECT_EQ(normalisation_of(sequence, first_two, threads, Normaliser::features).inputs,
            (std::vector<Scaling>{{1, 1}, {9, 0}}));
}

TEST(LikenessOfFeatures, IsTheMiddleDeviationOverThatOfAll) {
  EXPECT_DOUBLE_EQ(likeness_of_features({.count = 2, .values = {-1, 1, 1, -1}}), 1);
  // Of -1, 1, 7, 7 the mean is 3.5 and the mean square 25.
  EXPECT_DOUBLE_EQ(likeness_of_features({.count = 2, .values = {-1, 7, 1, 7}}),
                   1 / std::sqrt(25 - 3.5 * 3.5));
  EXPECT_EQ(likeness_of_features({.count = 2, .values = {3, 7, 3, 7}}), 1) << "all are constant";
}

}  // namespace
}  // namespace rectify::data
