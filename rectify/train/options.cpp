#include "rectify/train/options.h"

#include <nlohmann/json.hpp>
#include <type_traits>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/base/whole_numbers.h"
#include "rectify/train/option_table.h"

namespace rectify::train {

void check(const Options& o) {
  for (const Option& option : option_table()) check(option, o);
  if (o.warmup > o.epochs)
    fail("warmup must be -1 or between 0 and the number of epochs (", o.epochs, "), not ",
         number_text(o.warmup));
}

std::vector<std::pair<std::string, double>> parse_by_label(const char* flag,
                                                           const std::string& text) {
  std::vector<std::pair<std::string, double>> numbers;
  if (trim(text).empty()) return numbers;
  for (const std::string& part : split(text, ',')) {
    const std::size_t equals = part.find('=');
    const auto label = trim(std::string_view(part).substr(0, equals));
    const auto number = equals == std::string::npos
                            ? std::nullopt
                            : parse_number(trim(std::string_view(part).substr(equals + 1)));
    if (label.empty() || !number)
      fail("--", flag, " wants a list such as dense3=0,dense1.bias=0.01, not '", text, "'");
    numbers.emplace_back(label, *number);
  }
  return numbers;
}

namespace {

/// A value from JSON. Throws Error for a number or a name that is none of its kind, and
/// nlohmann::json::exception for another kind of JSON.
template <class Value>
Value value_from(const nlohmann::json& json, std::string_view option) {
  if constexpr (std::is_enum_v<Value>) {
    return parse_name<Value>(option, json.get<std::string>());
  } else if constexpr (std::is_integral_v<Value>) {
    return whole_number<Value>(json);
  } else {
    return json.get<Value>();
  }
}

}  // namespace

std::string to_json(const Options& options) {
  nlohmann::ordered_json json;
  for (const Option& option : option_table())
    std::visit(
        [&](auto member) {
          const auto& value = options.*member;
          if constexpr (std::is_enum_v<std::remove_cvref_t<decltype(value)>>)
            json[std::string(option.name)] = name_of(value);
          else
            json[std::string(option.name)] = value;
        },
        option.member);
  return json.dump();
}

Options options_from_json(const std::string& text) {
  Options options;
  try {
    nlohmann::json json = nlohmann::json::parse(text);
    for (const Option& option : option_table()) {
      const std::string name(option.name);
      std::visit(
          [&](auto member) {
            using Value = std::remove_reference_t<decltype(options.*member)>;
            options.*member = value_from<Value>(json.at(name), name);
          },
          option.member);
      json.erase(name);
    }
    if (!json.empty()) fail("the saved options have an unknown '", json.begin().key(), "'");
  } catch (const nlohmann::json::exception& error) {
    fail("the saved options cannot be read: ", error.what());
  }
  return options;
}

}  // namespace rectify::train
