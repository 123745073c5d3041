#include "rectify/base/symmetric_eigen.h"

#include <gtest/gtest.h>

#include <cmath>

namespace rectify {
namespace {

TEST(SymmetricEigen, AgreesWithAMatrixSolvedByHand) {
  // det(A - t) = (4 - t) (t - 1) (t - 3).
  const SymmetricEigen of = symmetric_eigen(std::vector<double>{2, 0, 1, 0, 4, 0, 1, 0, 2}, 3);
  ASSERT_EQ(of.values.size(), 3u);
  for (std::size_t k = 0; k < 3; ++k)
    EXPECT_NEAR(of.values[k], (std::vector<double>{1, 3, 4})[k], 1e-14);
  const double sign = of.axis(1)[0] < 0 ? -1 : 1, half = std::sqrt(0.5);
  EXPECT_NEAR(sign * of.axis(1)[0], half, 1e-14);
  EXPECT_NEAR(sign * of.axis(1)[1], 0, 1e-14);
  EXPECT_NEAR(sign * of.axis(1)[2], half, 1e-14);
  EXPECT_NEAR(std::abs(of.axis(2)[1]), 1, 1e-14);
}

TEST(SymmetricEigen, AddsTheMomentsOfRows) {
  std::vector<double> sum = {100, 0, 0, 0};
  add_moments(std::vector<double>{1, 2, 3, 4, 5, 6}, 2, sum.data());
  EXPECT_EQ(sum, (std::vector<double>{135, 44, 44, 56}));
}

}  // namespace
}  // namespace rectify
