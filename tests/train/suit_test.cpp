#include "rectify/train/suit.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "tests/helpers.h"

namespace rectify::train {
namespace {

/// Rows of a share, 0 or 1, and a weight, 0 or `weight`.
data::Dataset shares_and_weights(float weight) {
  data::Dataset d;
  d.sample_shape = Shape{3};
  d.train = {.count = 4, .values = {0, 0, 0, 1, 1, weight, 0, 1, 0, 1, 0, weight}};
  return d;
}

bool suits_features(const data::Dataset& dataset, Options& options, bool own = false) {
  const auto replaced =
      suit(options, dataset, [&](std::string_view name) { return own && name == "normalise"; });
  return std::ranges::count(replaced, "normalise") > 0;
}

TEST(Suit, GivesUnlikeFeaturesOfArraysTheirOwnScales) {
  Options options;
  EXPECT_TRUE(suits_features(shares_and_weights(1000), options));
  EXPECT_EQ(options.normalise, data::Normaliser::features);
}

TEST(Suit, LeavesFeaturesThatAreAlikeOneScale) {
  Options options;
  EXPECT_FALSE(suits_features(shares_and_weights(1), options));
  EXPECT_EQ(options.normalise, data::Normaliser::standard);
}

TEST(Suit, KeepsTheScalingThatWasAskedFor) {
  Options options;
  EXPECT_FALSE(suits_features(shares_and_weights(1000), options, true));
  options.weights = "start.npz";
  EXPECT_FALSE(suits_features(shares_and_weights(1000), options)) << "or that weights expect";
  EXPECT_EQ(options.normalise, data::Normaliser::standard);
}

TEST(Suit, LeavesTablesAndImagesTheirOwnScales) {
  data::Dataset table = shares_and_weights(1000);
  table.columns = {"a", "b", "c"};
  EXPECT_EQ(suited_normaliser(table), data::Normaliser::standard);
  data::Dataset image = shares_and_weights(1000);
  image.sample_shape = Shape{1, 1, 3};
  EXPECT_EQ(suited_normaliser(image), data::Normaliser::standard);
}

data::Dataset images(std::size_t count) {
  data::Dataset d;
  d.sample_shape = Shape{2, 2, 1};
  d.train = {.count = count, .bytes = std::vector<std::uint8_t>(count * 4)};
  return d;
}

bool none_own(std::string_view) { return false; }

TEST(Suit, TrainsImagesByAdamwAndFewOfThemInSmallBatches) {
  Options many, few;
  suit(many, images(6000), none_own);
  EXPECT_EQ(many.optimizer, "adamw");
  EXPECT_EQ(many.lr, 0.003);
  EXPECT_EQ(many.batch, Options().batch);
  suit(few, images(300), none_own);
  EXPECT_EQ(few.batch, 32);
  EXPECT_EQ(few.epochs, Options().epochs);
}

TEST(Suit, LeavesImagesToWhoChoseARateOrCertificates) {
  for (const std::string_view own : {"lr", "optimizer", "momentum"}) {
    Options options;
    EXPECT_TRUE(
        suit(options, images(300), [&](std::string_view name) { return name == own; }).empty());
    EXPECT_EQ(options, Options());
  }
  Options certified;
  certified.certify = 0.1;
  EXPECT_TRUE(suit(certified, images(300), none_own).empty());
}

TEST(Suit, KeepsWhatAProgramSet) {
  Options free, bound;
  suit(free, images(300));
  EXPECT_EQ(free.optimizer, "adamw");
  EXPECT_EQ(free.batch, 32);
  bound.batch = 64;
  suit(bound, images(300));
  EXPECT_EQ(bound.optimizer, "adamw");
  EXPECT_EQ(bound.batch, 64);
  bound = {};
  bound.lr = 0.05;
  EXPECT_TRUE(suit(bound, images(300)).empty());
}

TEST(Suit, RefusesDataThatContradictThemselves) {
  data::Dataset d = shares_and_weights(1000);
  d.train.count = 1000;
  Options options;
  EXPECT_TRUE(contains(error_of([&] { suit(options, d); }), "sample 4 is the first"));
  EXPECT_TRUE(contains(error_of([&] { suited_normaliser(d); }), "sample 4 is the first"));
}

}  // namespace
}  // namespace rectify::train
