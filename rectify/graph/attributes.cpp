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

AttributeValue parse_attribute(const AttributeSpec& spec, std::string_view text,
                               std::string_view where) {
  const auto check_range = [&](double value) {
    if (value < spec.low || value > spec.high)
      fail(where, ": ", spec.name, " must be between ", number_text(spec.low), " and ",
           number_text(spec.high), ", not ", text);
  };
  if (std::holds_alternative<std::int64_t>(spec.initial)) {
    const auto value = parse_integer(text);
    if (!value) fail(where, ": ", spec.name, " must be a whole number, not '", text, "'");
    check_range(static_cast<double>(*value));
    return *value;
  }
  if (std::holds_alternative<double>(spec.initial)) {
    const auto value = parse_number(text);
    if (!value) fail(where, ": ", spec.name, " must be a number, not '", text, "'");
    check_range(*value);
    return *value;
  }
  const std::vector<std::string> choices(spec.choices.begin(), spec.choices.end());
  if (!choices.empty() && std::find(choices.begin(), choices.end(), text) == choices.end())
    fail(where, ": ", spec.name, " cannot be '", text, "'", suggestion(text, choices));
  return std::string(text);
}

std::string attribute_text(const AttributeValue& value) {
  if (const auto* integer = std::get_if<std::int64_t>(&value)) return std::to_string(*integer);
  if (const auto* number = std::get_if<double>(&value)) return number_text(*number);
  return std::get<std::string>(value);
}

}  // namespace rectify::graph
