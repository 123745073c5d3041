#include "rectify/base/toml.h"

#include <gtest/gtest.h>

namespace rectify {
namespace {

TEST(Toml, BecomesTheObjectThatItStandsFor) {
  const Json read = parse_toml(
      "id = 'x'\nseeds = 5\nrate = 1e-3\nfull = true\nlist = [1, 2.5, 'a']\n"
      "day = 2011-04-13\n[grid]\ndepth = [2, 3]\n[[claim]]\ntext = 'one'\n[[claim]]\ntext = "
      "'two'\n",
      "a.toml");
  EXPECT_EQ(read.at("id").get<std::string>(), "x");
  EXPECT_EQ(read.at("seeds").get<int>(), 5);
  EXPECT_EQ(read.at("rate").get<double>(), 0.001);
  EXPECT_TRUE(read.at("full").get<bool>());
  EXPECT_EQ(read.at("list").dump(), "[1,2.5,\"a\"]");
  EXPECT_EQ(read.at("day").get<std::string>(), "2011-04-13");
  EXPECT_EQ(read.at("grid").at("depth").get<std::vector<int>>(), (std::vector<int>{2, 3}));
  EXPECT_EQ(read.at("claim").at(std::size_t{1}).at("text").get<std::string>(), "two");
}

TEST(Toml, ReadsBackTheValuesThatItWrites) {
  EXPECT_EQ(toml_value("1e-3"), "1e-3");
  EXPECT_EQ(toml_value("relu,tanh"), "'relu,tanh'");
  for (const std::string text : {"", "it's", "a \"b\" it's\\n", "C:\\x", "two\nlines '", "#1"})
    EXPECT_EQ(parse_toml("x = " + toml_value(text), "t").at("x").get<std::string>(), text);
}

TEST(Toml, SaysWhereItIsWrong) {
  try {
    parse_toml("a = 1\nb = = 2\n", "bad.toml");
    FAIL() << "it was read";
  } catch (const Error& error) {
    EXPECT_TRUE(std::string(error.what()).starts_with("'bad.toml', line 2: ")) << error.what();
  }
}

}  // namespace
}  // namespace rectify
