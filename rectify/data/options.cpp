#include "rectify/data/options.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::data {

Options::Options(std::string what, std::string_view text, std::span<const std::string> known)
    : what_(std::move(what)) {
  if (trim(text).empty()) return;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const std::string name(trim(std::string_view(part).substr(0, equals)));
    if (std::find(known.begin(), known.end(), name) == known.end())
      fail(what_, ": there is no option '", name, "'", suggestion(name, known));
    if (find(name)) fail(what_, ": option '", name, "' is given twice");
    const std::string value(
        equals == std::string::npos ? "" : trim(std::string_view(part).substr(equals + 1)));
    if (value.empty()) fail(what_, ": option '", name, "' needs a value, as in ", name, "=...");
    given_.emplace_back(name, value);
  }
}

const std::string* Options::find(const std::string& name) const {
  for (const auto& [given, value] : given_)
    if (given == name) return &value;
  return nullptr;
}

std::int64_t Options::integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                              std::int64_t high) const {
  const std::string* text = find(name);
  if (!text) return fallback;
  const auto value = parse_integer(*text);
  if (!value || *value < low || *value > high)
    fail(what_, ": ", name, " must be a whole number from ", low, " to ", high, ", not '", *text,
         "'");
  return *value;
}

double Options::number(const std::string& name, double fallback, double low, double high) const {
  const std::string* text = find(name);
  if (!text) return fallback;
  const auto value = parse_number(*text);
  if (!value || *value < low || *value > high)
    fail(what_, ": ", name, " must be a number from ", number_text(low), " to ", number_text(high),
         ", not '", *text, "'");
  return *value;
}

std::string Options::text(const std::string& name, const std::string& fallback) const {
  const std::string* text = find(name);
  return text ? *text : fallback;
}

std::string Options::choice(const std::string& name, const std::string& fallback,
                            std::span<const std::string> choices) const {
  const std::string* text = find(name);
  if (!text) return fallback;
  if (std::find(choices.begin(), choices.end(), *text) == choices.end())
    fail(what_, ": ", name, " cannot be '", *text, "'", suggestion(*text, choices));
  return *text;
}

namespace {

/// What stands before the equals sign of "name=value"; empty when `part` is nothing like that.
std::string_view option_name(std::string_view part) {
  const std::size_t equals = part.find('=');
  if (equals == std::string_view::npos) return {};
  const std::string_view name = trim(part.substr(0, equals));
  const auto fits = [](char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' || c == '-';
  };
  return std::ranges::all_of(name, fits) ? name : std::string_view();
}

}  // namespace

std::string split_trailing_options(std::string_view argument, std::span<const std::string> known,
                                   std::string& options) {
  std::size_t end = argument.size();  // of the path
  for (std::size_t from = end; from != 0;) {
    const std::size_t comma = argument.rfind(',', from - 1);
    if (comma == std::string_view::npos) break;
    const std::string_view name = option_name(argument.substr(comma + 1, from - comma - 1));
    if (name.empty()) break;
    if (!nearest(name, known).empty()) end = comma;
    from = comma;
  }
  options = end == argument.size() ? "" : argument.substr(end + 1);
  return std::string(argument.substr(0, end));
}

}  // namespace rectify::data
