#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rectify::data {

/// The `name=value,...` part of a data SPEC. Every option has a default: each function below
/// returns its `fallback` when the user did not write the option.
class Options {
 public:
  /// Splits `text`; an empty text has no options. Every error begins with `what` ("data
  /// 'glyphs:...'"). Throws Error for a name that is not in `known` (and suggests the nearest), for
  /// a name that is given twice, and for an empty value.
  Options(std::string what, std::string_view text, std::span<const std::string> known);

  /// A whole number in [low, high]. Throws Error for any other value.
  std::int64_t integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                       std::int64_t high) const;

  /// A number in [low, high]. Throws Error for any other value.
  double number(const std::string& name, double fallback, double low, double high) const;

  /// One of `choices`. Throws Error for any other value, and suggests the nearest choice.
  std::string choice(const std::string& name, const std::string& fallback,
                     std::span<const std::string> choices) const;

 private:
  const std::string* find(const std::string& name) const;

  std::string what_;
  std::vector<std::pair<std::string, std::string>> given_;
};

}  // namespace rectify::data
