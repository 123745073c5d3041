#include "rectify/train/option_table.h"

#include <gtest/gtest.h>

#include <algorithm>
#include <cmath>
#include <set>
#include <type_traits>

#include "rectify/base/enumeration.h"
#include "rectify/base/text.h"
#include "tests/train/toy.h"

namespace rectify::train {
namespace {

/// What can stand for a member of any type.
struct Any {
  template <class T>
  operator T() const;
};

/// How many members an aggregate has: as many as it can be initialised with.
template <class T, class... Values>
constexpr std::size_t members_of() {
  if constexpr (requires { T{Values{}..., Any{}}; })
    return members_of<T, Values..., Any>();
  else
    return sizeof...(Values);
}

/// Options in which that one is `value`.
template <class Value>
Options with(const Option& option, Value value) {
  Options options;
  std::visit(
      [&](auto member) {
        if constexpr (std::is_arithmetic_v<std::remove_reference_t<decltype(options.*member)>>)
          options.*member = static_cast<std::remove_reference_t<decltype(options.*member)>>(value);
      },
      option.member);
  return options;
}

TEST(OptionTable, HasARowForEveryMemberOfOptions) {
  EXPECT_EQ(option_table().size(), members_of<Options>()) << "give the new member a row";
  std::set<std::string_view> names, titles;
  for (const Option& option : option_table()) {
    EXPECT_TRUE(names.insert(option.name).second) << option.name << " is there twice";
    EXPECT_TRUE(titles.insert(option.title).second) << option.title << " is there twice";
    EXPECT_FALSE(option.meaning.empty() || option.meaning.ends_with('.')) << option.name;
    EXPECT_FALSE(word_of(option).empty()) << option.name;
  }
}

TEST(OptionTable, ShowsEveryOptionInOneGroup) {
  std::size_t shown = 0;
  for (const Group group : all_values<Group>()) {
    EXPECT_FALSE(options_of(group).empty()) << name_of(group);
    for (const Option* option : options_of(group)) EXPECT_EQ(option->group, group) << option->name;
    shown += options_of(group).size();
  }
  EXPECT_EQ(shown, option_table().size());
}

TEST(OptionTable, AcceptsTheDefaultOfEveryRow) {
  for (const Option& option : option_table()) EXPECT_NO_THROW(check(option, Options{}));
}

TEST(OptionTable, HoldsEveryNumberToItsRangeAndSaysBoth) {
  std::size_t tried = 0;
  for (const Option& option : option_table()) {
    const Range* range = std::get_if<Range>(&option.values);
    if (!range) {
      EXPECT_FALSE(std::holds_alternative<int Options::*>(option.member) ||
                   std::holds_alternative<double Options::*>(option.member))
          << option.name << " has no range";
      continue;
    }
    if (range->high == INFINITY) continue;
    const bool whole = std::holds_alternative<int Options::*>(option.member);
    const double step = whole ? 1 : 0.01 * std::abs(range->high - range->low);
    EXPECT_NO_THROW(check(option, with(option, range->high))) << option.name;
    EXPECT_EQ(error_of([&] { check(option, with(option, range->low)); }).empty(), !range->above_low)
        << option.name;
    for (const double value : {range->low - step, range->high + step}) {
      if (range->or_usual && value == -1) continue;
      const std::string says = error_of([&] { check(option, with(option, value)); });
      for (const std::string& part : {flag_of(option).substr(2), plain_text(range->low),
                                      plain_text(range->high), plain_text(value)})
        EXPECT_TRUE(contains(says, part)) << option.name << ": '" << says << "' has no " << part;
      ++tried;
    }
    if (!whole) {
      EXPECT_THROW(check(option, with(option, std::nan(""))), Error) << option.name;
      EXPECT_EQ(error_of([&] { check(option, with(option, -1)); }).empty(), range->or_usual)
          << option.name;
    }
  }
  EXPECT_GE(tried, 40u);
}

TEST(OptionTable, SaysWhatIsTypedAndWhatMayBe) {
  std::vector<std::string> lines;
  for (const Option& option : option_table())
    lines.push_back(concat(flag_of(option), " ", word_of(option), "=", text_of(option, Options{}),
                           " [", values_of(option), "]"));
  const auto has = [&](const char* line) { return std::ranges::find(lines, line) != lines.end(); };
  EXPECT_TRUE(has("--weight-decay FLOAT=0.0005 [0 to 1]"));
  EXPECT_TRUE(has("--epochs INT=20 [1 to 100000]"));
  EXPECT_TRUE(has("--momentum FLOAT=-1 [-1, or 0 to 0.9999]"));
  EXPECT_TRUE(has("--lr RATE=0.2 [above 0, up to 1e+38]")) << lines[6];
  EXPECT_TRUE(has("--seed UINT=1 [0 or more]"));
  EXPECT_TRUE(has("--precision PRECISION=fp32 [fp32, bf16]"));
  EXPECT_TRUE(has("--augment LIST= [crop N, flip or alternating_flip, cutout N]"));
}

TEST(OptionTable, WritesNumbersAsPeopleDo) {
  for (const char* text : {"0", "-1", "0.0005", "0.1", "100000", "1048576", "1000000", "1e-08",
                           "0.9999999", "1e+38"}) {
    const double value = std::stod(text);
    EXPECT_EQ(plain_text(value), text);
    EXPECT_EQ(std::stod(plain_text(value)), value);
  }
  EXPECT_EQ(plain_text(1.0 / 3), number_text(1.0 / 3));
}

TEST(OptionTable, RefusesTextThatIsNotUtf8InEveryRow) {
  std::size_t texts = 0;
  for (const Option& option : option_table()) {
    const auto* member = std::get_if<std::string Options::*>(&option.member);
    if (!member) continue;
    Options options;
    options.*(*member) = "\xff=1";
    EXPECT_FALSE(error_of([&] { check(option, options); }).empty()) << option.name;
    ++texts;
  }
  EXPECT_EQ(texts, 10u);
}

}  // namespace
}  // namespace rectify::train
