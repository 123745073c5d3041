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

  /// Any text.
  std::string text(const std::string& name, const std::string& fallback) const;

  /// One of `choices`. Throws Error for any other value, and suggests the nearest choice.
  std::string choice(const std::string& name, const std::string& fallback,
                     std::span<const std::string> choices) const;

 private:
  const std::string* find(const std::string& name) const;

  std::string what_;
  std::vector<std::pair<std::string, std::string>> given_;
};

/// Takes the options off the end of `argument`, which begins with a path: "DIR,size=32x32,bad=skip"
/// leaves "DIR", and `options` becomes "size=32x32,bad=skip". Options are the last parts between
/// commas that look like `name=value`, from the first whose name is in `known`, or near to one as
/// with a typing error. A path may thus have commas and equals signs: "runs,lr=0.1" has no options,
/// unless `lr` is known. Options() then checks names and values.
std::string split_trailing_options(std::string_view argument, std::span<const std::string> known,
                                   std::string& options);

}  // namespace rectify::data
