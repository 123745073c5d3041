#include "rectify/lab/roofline.h"

#include <gtest/gtest.h>

namespace rectify::lab {
namespace {

TEST(Roofline, IsTheLongerOfComputingAndMoving) {
  const Roofline roofline{.flops = 100, .bytes = 10};
  EXPECT_EQ(roofline.seconds(200, 10), 2);
  EXPECT_EQ(roofline.seconds(200, 50), 5);
}

}  // namespace
}  // namespace rectify::lab
