#include "rectify/data/options.h"

#include <gtest/gtest.h>

#include <array>
#include <string>
#include <string_view>

namespace rectify::data {
namespace {

const std::array<std::string, 2> known = {"size", "bad"};

/// The path and the options of `argument`, with " | " between them.
std::string parts_of(std::string_view argument) {
  std::string options = "left from before";
  const std::string path = split_trailing_options(argument, known, options);
  return path + " | " + options;
}

TEST(TrailingOptions, AreTakenOffTheEndOfAPath) {
  EXPECT_EQ(parts_of("DIR"), "DIR | ");
  EXPECT_EQ(parts_of("DIR,size=32x32"), "DIR | size=32x32");
  EXPECT_EQ(parts_of("DIR,size=32x32, bad = skip"), "DIR | size=32x32, bad = skip");
  EXPECT_EQ(parts_of(""), " | ");
}

TEST(TrailingOptions, LeaveCommasAndEqualsSignsOfThePathAlone) {
  EXPECT_EQ(parts_of("cats, dogs"), "cats, dogs | ");
  EXPECT_EQ(parts_of("large, size"), "large, size | ");
  EXPECT_EQ(parts_of("run,lr=0.1"), "run,lr=0.1 | ");
  EXPECT_EQ(parts_of("run,lr=0.1,size=8"), "run,lr=0.1 | size=8");
  EXPECT_EQ(parts_of("a=b,c"), "a=b,c | ");
  EXPECT_EQ(parts_of("x,size=8/y,z"), "x,size=8/y,z | ");
  EXPECT_EQ(parts_of("table.csv,2:size=8"), "table.csv,2:size=8 | ");
}

TEST(TrailingOptions, IncludeMisspeltAndUnknownOnesForTheErrorThatNamesThem) {
  EXPECT_EQ(parts_of("DIR,szie=8"), "DIR | szie=8");
  EXPECT_EQ(parts_of("DIR,size=8,colours=3"), "DIR | size=8,colours=3");
  EXPECT_EQ(parts_of("DIR,size="), "DIR | size=");
}

}  // namespace
}  // namespace rectify::data
