// What samples are scaled to: by hand.

#include <gtest/gtest.h>

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

}  // namespace
}  // namespace rectify::data
