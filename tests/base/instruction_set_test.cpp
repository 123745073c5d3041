#include "rectify/base/instruction_set.h"

#include <gtest/gtest.h>

#include <algorithm>

#include "rectify/base/file.h"
#include "rectify/base/text.h"

namespace rectify {
namespace {

/// What the system says of the first processor, a word a feature; empty where it says nothing.
std::vector<std::string> features() {
  for (const std::string& line : split(read_file("/proc/cpuinfo"), '\n'))
    if (line.starts_with("flags")) return split(line.substr(line.find(':') + 1), ' ');
  return {};
}

// So that no set which is there can be left out as lacking (tests/on_set.sh).
TEST(InstructionSet, IsSupportedWhereTheSystemNamesItsFeatures) {
  const std::vector<std::string> here = features();
  if (here.empty()) GTEST_SKIP() << "/proc/cpuinfo names no features";
  const auto has = [&](std::initializer_list<const char*> wanted) {
    return std::ranges::all_of(
        wanted, [&](const char* name) { return std::ranges::count(here, name) > 0; });
  };
  EXPECT_TRUE(supports("baseline"));
  EXPECT_EQ(supports("avx2"), has({"avx2", "fma"}));
  EXPECT_EQ(supports("avx512"),
            has({"avx2", "fma", "avx512f", "avx512dq", "avx512bw", "avx512vl"}));
  EXPECT_EQ(supports("avx512_bf16"),
            has({"avx512f", "avx512dq", "avx512bw", "avx512vl", "avx512_bf16"}));
  EXPECT_FALSE(supports("avx3"));
}

TEST(InstructionSet, IsOneThatTheProcessorSupports) {
  EXPECT_TRUE(supports(instruction_set()));
  const std::string_view asked = asked_instruction_set();
  if (!asked.empty()) {
    EXPECT_EQ(instruction_set(), asked.substr(0, asked.find('_')));
  }
}

}  // namespace
}  // namespace rectify
