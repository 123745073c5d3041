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

TEST(Filters, OfConvolutionalLayersReachAsFarAsAUnitSees) {
  // Kernels of 2 x 2 pixels for two units in blocks of 2 x 2, and above them one unit with a kernel
  // of 2 x 2 blocks, which sees unit 0 in its first and unit 1 in its last.
  ConvolutionalMachine below{.picture = Shape{9, 9, 1},
                             .kernel = 2,
                             .pool = 2,
                             .weight = {1, 10, 2, 20, 3, 30, 4, 40},
                             .visible_bias = {0},
                             .hidden_bias = {0, 0}};
  ConvolutionalMachine above{.picture = Shape{4, 4, 2},
                             .kernel = 2,
                             .pool = 1,
                             .weight = {1, 0, 0, 0, 0, 0, 0, -1},
                             .visible_bias = {0, 0},
                             .hidden_bias = {0}};
  const ConvolutionalMachine machines[] = {below, above};
  const KernelFilters first = filters_of(std::span(machines).first(1), 9);
  EXPECT_EQ(first.shape, (Shape{2, 2, 1}));
  EXPECT_EQ(first.filters.weights, (std::vector<float>{10, 20, 30, 40, 1, 2, 3, 4}));
  const KernelFilters both = filters_of(machines, 9);
  EXPECT_EQ(both.shape, (Shape{4, 4, 1}));
  EXPECT_EQ(both.filters.weights, (std::vector<float>{1, 2, 0, 0, 3, 4, 0, 0,  //
                                                      0, 0, -10, -20, 0, 0, -30, -40}));
}

TEST(Filters, OfZeroWeightsAreGrey) {
  const std::vector<float> weight = {0, 0};
  const std::span<const float> layers[] = {weight};
  EXPECT_EQ(filters_of(layers, 2, 5).levels(), (std::vector<float>{0.5f, 0.5f}));
}

}  // namespace
}  // namespace rectify::pretrain
