// Holds the section on options in docs/contracts.md against the table that it is made from.

#include "rectify/report/options.h"

#include <gtest/gtest.h>

#include <filesystem>

#include "rectify/base/file.h"
#include "rectify/train/option_table.h"
#include "tests/helpers.h"

namespace rectify::report {
namespace {

const std::filesystem::path contracts =
    std::filesystem::path(RECTIFY_SOURCE_DIR) / "docs" / "contracts.md";
constexpr const char* renewal =
    "the rows of rectify/train/option_table.cpp have changed; run: build/bin/rectify options "
    "--page docs/contracts.md";

TEST(OptionsSection, IsTheOneThatIsCommitted) {
  const std::string committed = read_file(contracts);
  // Not EXPECT_EQ, which would print both.
  EXPECT_TRUE(with_options_section(committed) == committed) << renewal;
}

TEST(OptionsSection, HasALineForEveryOption) {
  const std::string section = options_section();
  for (const train::Option& option : train::option_table())
    EXPECT_NE(section.find("\n| `" + train::flag_of(option) + " "), std::string::npos)
        << option.name;
  EXPECT_NE(section.find("| `--validation FLOAT` | `0.1` | 0 to 0.9 |"), std::string::npos);
  EXPECT_NE(section.find("| `--precision PRECISION` | `fp32` | `fp32`, `bf16` |"),
            std::string::npos);
}

TEST(OptionsSection, ReplacesWhatStandsBetweenItsTwoLinesAndNothingElse) {
  const std::string first = "<!-- rectify options -->\n",
                    last = "<!-- end of rectify options -->\n";
  EXPECT_EQ(with_options_section("before\n" + first + "old\n" + last + "after\n"),
            "before\n" + first + options_section() + last + "after\n");
  for (const std::string& page : {std::string(), first, last, last + first})
    EXPECT_TRUE(contains(error_of([&] { with_options_section(page); }), "<!-- rectify options -->"))
        << page;
}

}  // namespace
}  // namespace rectify::report
