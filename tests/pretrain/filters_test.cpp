#include "rectify/pretrain/filters.h"

#include <gtest/gtest.h>

namespace rectify::pretrain {
namespace {

TEST(Filters, AreColumnsOfTheFirstWeightsStrongestFirst) {
  // Three inputs, two units: (1, 0, -2) and (3, 4, 0).
  const std::vector<float> weight = {1, 3, 0, 4, -2, 0};
  const std::span<const float> layers[] = {weight};
  const Filters filters = filters_of(layers, 3, 5);
  EXPECT_EQ(filters.units, (std::vector<std::size_t>{1, 0}));
  EXPECT_EQ(filters.weights, (std::vector<float>{3, 4, 0, 1, 0, -2}));
  EXPECT_EQ(filters.levels(), (std::vector<float>{0.875f, 1, 0.5f, 0.75f, 0.5f, 0}));
  EXPECT_EQ(filters_of(layers, 3, 1).units, (std::vector<std::size_t>{1}));
}

TEST(Filters, OfALayerAboveAreWeightedSumsOfThoseBelow) {
  const std::vector<float> below = {1, 3, 0, 4, -2, 0}, above = {2, -1};
  const std::span<const float> layers[] = {below, above};
  EXPECT_EQ(filters_of(layers, 3, 5).weights, (std::vector<float>{-1, -4, -4}));
}

TEST(Filters, OfZeroWeightsAreGrey) {
  const std::vector<float> weight = {0, 0};
  const std::span<const float> layers[] = {weight};
  EXPECT_EQ(filters_of(layers, 2, 5).levels(), (std::vector<float>{0.5f, 0.5f}));
}

}  // namespace
}  // namespace rectify::pretrain
