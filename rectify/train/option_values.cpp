// What one row of the table of options says of a value.

#include <algorithm>
#include <charconv>
#include <cmath>
#include <iterator>
#include <nlohmann/json.hpp>
#include <type_traits>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/train/option_table.h"

namespace rectify::train {

namespace {

/// "weight-decay", as errors name it.
std::string name_in_errors(const Option& option) {
  std::string name(option.name);
  std::ranges::replace(name, '_', '-');
  return name;
}

/// A number's value. Every whole number that is checked fits a double.
double number_of(const Option& option, const Options& options) {
  return std::visit(
      [&](auto member) -> double {
        using Value = std::remove_cvref_t<decltype(options.*member)>;
        if constexpr (std::is_arithmetic_v<Value>)
          return static_cast<double>(options.*member);
        else
          fail("option_table.cpp gives '", option.name, "', which is no number, a range");
      },
      option.member);
}

void check_value(const Option& option, const Options& options, const Range& range) {
  const double value = number_of(option, options);
  if (range.or_usual && value == -1) return;
  const bool high_enough = range.above_low ? value > range.low : value >= range.low;
  if (high_enough && value <= range.high) return;
  const std::string name = name_in_errors(option), low = plain_text(range.low),
                    high = plain_text(range.high), given = plain_text(value);
  if (range.above_low) fail(name, " must be above ", low, " and at most ", high, ", not ", given);
  fail(name, " must be ", range.or_usual ? "-1 or " : "", "between ", low, " and ", high, ", not ",
       given);
}

void check_value(const Option& option, const Options& options, const Names& names) {
  const std::string value = text_of(option, options);
  const std::vector<std::string> known = names.all();
  if (std::ranges::find(known, value) == known.end())
    fail("there is no ", name_in_errors(option), " '", value, "'", suggestion(value, known));
}

void check_value(const Option& option, const Options& options, const Text& text) {
  const std::string value = text_of(option, options);
  try {
    nlohmann::json(value).dump();  // the options must fit into JSON, which is UTF-8, to be saved
  } catch (const nlohmann::json::exception&) {
    fail(flag_of(option), " is not valid UTF-8; rename the file or folder that it speaks of");
  }
  if (text.check) text.check(value);
}

std::string range_text(const Range& range) {
  std::string text = range.or_usual ? "-1, or " : "";
  if (range.high == INFINITY) return text + plain_text(range.low) + " or more";
  if (range.above_low)
    return concat(text, "above ", plain_text(range.low), ", up to ", plain_text(range.high));
  return concat(text, plain_text(range.low), " to ", plain_text(range.high));
}

}  // namespace

std::string plain_text(double value) {
  char digits[400];
  const auto end =
      std::to_chars(std::begin(digits), std::end(digits), value, std::chars_format::fixed).ptr;
  constexpr int longest = 8;  // beyond that the zeros have to be counted
  return end - digits <= longest ? std::string(digits, end) : number_text(value);
}

std::string flag_of(const Option& option) { return "--" + name_in_errors(option); }

std::string text_of(const Option& option, const Options& options) {
  return std::visit(
      [&](auto member) -> std::string {
        const auto& value = options.*member;
        using Value = std::remove_cvref_t<decltype(value)>;
        if constexpr (std::is_same_v<Value, std::string>)
          return value;
        else if constexpr (std::is_enum_v<Value>)
          return std::string(name_of(value));
        else if constexpr (std::is_integral_v<Value>)
          return std::to_string(value);
        else
          return plain_text(value);
      },
      option.member);
}

std::vector<std::string> choices_of(const Option& option) {
  const Names* names = std::get_if<Names>(&option.values);
  return names ? names->all() : std::vector<std::string>();
}

std::string values_of(const Option& option) {
  if (const Range* range = std::get_if<Range>(&option.values)) return range_text(*range);
  if (const Text* text = std::get_if<Text>(&option.values)) return std::string(text->form);
  std::string names;
  for (const std::string& name : choices_of(option)) names += (names.empty() ? "" : ", ") + name;
  return names;
}

std::string_view word_of(const Option& option) {
  if (const Names* names = std::get_if<Names>(&option.values)) return names->word;
  if (const Text* text = std::get_if<Text>(&option.values)) return text->word;
  if (const auto word = std::get<Range>(option.values).word; !word.empty()) return word;
  if (std::holds_alternative<int Options::*>(option.member)) return "INT";
  return std::holds_alternative<double Options::*>(option.member) ? "FLOAT" : "UINT";
}

void check(const Option& option, const Options& options) {
  std::visit([&](const auto& values) { check_value(option, options, values); }, option.values);
}

}  // namespace rectify::train
