#include "rectify/train/options.h"

#include <type_traits>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/train/option_table.h"

namespace rectify::train {

void check(const Options& o) {
  for (const Option& option : option_table()) check(option, o);
  if (o.warmup > o.epochs)
    fail("warmup must be -1 or between 0 and the number of epochs (", o.epochs, "), not ",
         number_text(o.warmup));
}

std::vector<std::pair<std::string, double>> parse_by_label(const char* flag,
                                                           const std::string& text,
                                                           const char* example) {
  std::vector<std::pair<std::string, double>> numbers;
  if (trim(text).empty()) return numbers;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const auto label = trim(std::string_view(part).substr(0, equals));
    const auto number = equals == std::string::npos
                            ? std::nullopt
                            : parse_number(trim(std::string_view(part).substr(equals + 1)));
    if (label.empty() || !number)
      fail("--", flag, " wants a list such as ", example, ", not '", text, "'");
    numbers.emplace_back(label, *number);
  }
  return numbers;
}

namespace {

/// A value from JSON. Throws Error for a name that is none of its kind, JsonError for another kind
/// of JSON.
template <class Value>
Value value_from(const Json& json, std::string_view option) {
  if constexpr (std::is_enum_v<Value>)
    return parse_name<Value>(option, json.get<std::string>());
  else
    return json.get<Value>();
}

}  // namespace

namespace {

/// The options of the table that `is_wanted`, as one JSON object.
template <class Wanted>
std::string json_of(const Options& options, const Wanted& is_wanted) {
  Json json = Json::object();
  for (const Option& option : option_table()) {
    if (!is_wanted(option)) continue;
    std::visit(
        [&](auto member) {
          const auto& value = options.*member;
          if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(value)>>)
            json[option.name] = name_of(value);
          else
            json[option.name] = value;
        },
        option.member);
  }
  return json.dump();
}

}  // namespace

std::string to_json(const Options& options) {
  return json_of(options, [&](const Option& option) {
    return !option.later || text_of(option, options) != text_of(option, Options{});
  });
}

std::string complete_json(const Options& options) {
  return json_of(options, [](const Option&) { return true; });
}

Options options_from_json(const std::string& text) {
  Options options;
  try {
    Json json = Json::parse(text);
    for (const Option& option : option_table()) {
      const std::string name(option.name);
      if (option.later && !json.contains(name)) continue;
      std::visit(
          [&](auto member) {
            using Value = std::remove_reference_t<decltype(options.*member)>;
            options.*member = value_from<Value>(json.at(name), name);
          },
          option.member);
      json.erase(name);
    }
    if (!json.empty())
      fail("the saved options have an unknown '", json.members().front().first, "'");
  } catch (const JsonError& error) {
    fail("the saved options cannot be read: ", error.what());
  }
  return options;
}

}  // namespace rectify::train
