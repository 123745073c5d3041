#include "rectify/base/enumeration.h"

#include <gtest/gtest.h>

#include <array>

#include "tests/helpers.h"

namespace rectify {
namespace {

enum class Fruit { apple, red_plum };
constexpr std::array<std::string_view, 2> names_of(Fruit) { return {"apple", "red plum"}; }

TEST(Enumeration, GoesFromValueToNameAndBack) {
  EXPECT_EQ(name_of(Fruit::red_plum), "red plum");
  for (const Fruit fruit : all_values<Fruit>()) EXPECT_EQ(from_name<Fruit>(name_of(fruit)), fruit);
  EXPECT_EQ(all_values<Fruit>(), (std::vector{Fruit::apple, Fruit::red_plum}));
  EXPECT_EQ(all_names<Fruit>(), (std::vector<std::string>{"apple", "red plum"}));
}

TEST(Enumeration, HasNoValueForAnotherName) {
  for (const char* name : {"", "apples", "Apple", "red"}) EXPECT_FALSE(from_name<Fruit>(name));
}

TEST(Enumeration, SuggestsTheNearestNameForAWrongOne) {
  EXPECT_EQ(parse_name<Fruit>("fruit", "apple"), Fruit::apple);
  EXPECT_EQ(error_of([] { parse_name<Fruit>("fruit", "aple"); }),
            "there is no fruit 'aple'; did you mean 'apple'?");
}

}  // namespace
}  // namespace rectify
