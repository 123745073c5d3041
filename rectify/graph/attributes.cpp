#include "rectify/graph/attributes.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::graph {

void Attributes::set(std::string_view name, AttributeValue value) {
  for (auto& [key, old] : values_)
    if (key == name) {
      old = std::move(value);
      return;
    }
  values_.emplace_back(std::string(name), std::move(value));
}

const AttributeValue* Attributes::find(std::string_view name) const {
  for (const auto& [key, value] : values_)
    if (key == name) return &value;
  return nullptr;
}

const AttributeValue& Attributes::at(std::string_view name) const {
  const AttributeValue* value = find(name);
  if (!value) fail("attribute '", name, "' is missing");
  return *value;
}

std::int64_t Attributes::integer(std::string_view name) const {
  return std::get<std::int64_t>(at(name));
}
double Attributes::number(std::string_view name) const { return std::get<double>(at(name)); }
const std::string& Attributes::word(std::string_view name) const {
  return std::get<std::string>(at(name));
}

namespace {

void check_number(const AttributeSpec& spec, double value, std::string_view written,
                  std::string_view where) {
  if (!(value >= spec.low && value <= spec.high))
    fail(where, ": ", spec.name, " must be between ", number_text(spec.low), " and ",
         number_text(spec.high), ", not ", written);
}

void check_choice(const AttributeSpec& spec, std::string_view word, std::string_view where) {
  const std::vector<std::string> choices(spec.choices.begin(), spec.choices.end());
  if (!choices.empty() && std::find(choices.begin(), choices.end(), word) == choices.end())
    fail(where, ": ", spec.name, " cannot be '", word, "'", suggestion(word, choices));
}

}  // namespace

void check_kind(const AttributeSpec& spec, const AttributeValue& value, std::string_view where) {
  constexpr std::string_view kinds[] = {"a whole number", "a number", "a word"};
  const std::string_view wanted = kinds[spec.initial.index()], given = kinds[value.index()];
  if (wanted != given)
    fail(where, ": ", spec.name, " must be ", wanted, ", but was set to ", given, ", ",
         attribute_text(value));
  if (const auto* word = std::get_if<std::string>(&value); word && value != spec.initial)
    check_choice(spec, *word, where);
}

void check_range(const AttributeSpec& spec, const AttributeValue& value, std::string_view where) {
  if (const auto* integer = std::get_if<std::int64_t>(&value))
    check_number(spec, static_cast<double>(*integer), attribute_text(value), where);
  if (const auto* number = std::get_if<double>(&value))
    check_number(spec, *number, attribute_text(value), where);
}

AttributeValue parse_attribute(const AttributeSpec& spec, std::string_view text,
                               std::string_view where) {
  if (std::holds_alternative<std::int64_t>(spec.initial)) {
    const auto value = parse_integer(text);
    if (!value) fail(where, ": ", spec.name, " must be a whole number, not '", text, "'");
    check_number(spec, static_cast<double>(*value), text, where);
    return *value;
  }
  if (std::holds_alternative<double>(spec.initial)) {
    const auto value = parse_number(text);
    if (!value) fail(where, ": ", spec.name, " must be a number, not '", text, "'");
    check_number(spec, *value, text, where);
    return *value;
  }
  check_choice(spec, text, where);
  return std::string(text);
}

std::string attribute_text(const AttributeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  return std::get<std::string>(value);
}

}  // namespace rectify::graph
