#pragma once

#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

/// Enumerations whose values have names. The names stand beside the enumeration, in its order:
///
///     enum class Precision { fp32, bf16 };
///     constexpr std::array<std::string_view, 2> names_of(Precision) { return {"fp32", "bf16"}; }
///
///     name_of(Precision::bf16)        // "bf16"
///     from_name<Precision>("bf16")    // Precision::bf16
///     from_name<Precision>("fp16")    // nothing
///     parse_name<Precision>("precision", "bf61")
///                                     // Error: there is no precision 'bf61'; did you mean 'bf16'?
///     all_names<Precision>()          // {"fp32", "bf16"}
///     all_values<Precision>()         // {Precision::fp32, Precision::bf16}
///
/// names_of() is found by the namespace of its argument; the value of the argument does not matter.
namespace rectify {

/// The name of `value`.
template <class Enum>
std::string_view name_of(Enum value) {
  return names_of(value)[static_cast<std::size_t>(value)];
}

/// The names of all values, in the order of the enumeration.
template <class Enum>
std::vector<std::string> all_names() {
  const auto names = names_of(Enum{});
  return {names.begin(), names.end()};
}

/// All values, in the order of the enumeration.
template <class Enum>
std::vector<Enum> all_values() {
  std::vector<Enum> values(names_of(Enum{}).size());
  for (std::size_t i = 0; i < values.size(); ++i) values[i] = static_cast<Enum>(i);
  return values;
}

/// The value called `name`; nothing when there is none.
template <class Enum>
std::optional<Enum> from_name(std::string_view name) {
  const auto names = names_of(Enum{});
  for (std::size_t i = 0; i < names.size(); ++i)
    if (names[i] == name) return static_cast<Enum>(i);
  return std::nullopt;
}

/// The value called `name`. Throws Error, "there is no WHAT 'NAME'", which suggests the nearest
/// name.
template <class Enum>
Enum parse_name(std::string_view what, std::string_view name) {
  if (const std::optional<Enum> value = from_name<Enum>(name)) return *value;
  fail("there is no ", what, " '", name, "'", suggestion(name, all_names<Enum>()));
}

}  // namespace rectify
