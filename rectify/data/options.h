#pragma once

#include <cstdint>
#include <span>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

namespace rectify::data {

/// The `name=value,...` part of a data SPEC. Every option has a default, so each reader below
/// returns its fallback when the person did not write the option.
class Options {
 public:
  /// Splits `text`; an empty text has no options. `what` begins every error ("data 'glyphs:...'").
  /// Throws Error on a name outside `known` (the nearest is suggested), one given twice, and on an
  /// empty value.
  Options(std::string what, std::string_view text, std::span<const std::string> known);

  /// A whole number in [low, high]. Throws Error when it is not one.
  std::int64_t integer(const std::string& name, std::int64_t fallback, std::int64_t low,
                       std::int64_t high) const;

  /// A number in [low, high]. Throws Error when it is not one.
  double number(const std::string& name, double fallback, double low, double high) const;

  /// One of `choices`. Throws Error, suggesting the nearest, when it is not.
  std::string choice(const std::string& name, const std::string& fallback,
                     std::span<const std::string> choices) const;

 private:
  const std::string* find(const std::string& name) const;

  std::string what_;
  std::vector<std::pair<std::string, std::string>> given_;
};

}  // namespace rectify::data
