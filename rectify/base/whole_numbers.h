#pragma once

#include <concepts>
#include <cstdint>
#include <utility>
#include <vector>

#include "rectify/base/error.h"

namespace rectify {

/// The whole number that a JSON value holds. Throws Error when the value is anything else, and when
/// the number does not fit in the type `Whole`. (The JSON library would convert such a number
/// silently.)
template <std::integral Whole, class Json>
Whole whole_number(const Json& json) {
  if (json.is_number_unsigned()) {
    const auto value = json.template get<std::uint64_t>();
    if (std::in_range<Whole>(value)) return static_cast<Whole>(value);
  } else if (json.is_number_integer()) {
    const auto value = json.template get<std::int64_t>();
    if (std::in_range<Whole>(value)) return static_cast<Whole>(value);
  }
  fail("where a whole number belongs, it says ", json.dump().substr(0, 40));
}

template <std::integral Whole, class Json>
std::vector<Whole> whole_numbers(const Json& list) {
  std::vector<Whole> numbers;
  for (const Json& number : list) numbers.push_back(whole_number<Whole>(number));
  return numbers;
}

}  // namespace rectify
