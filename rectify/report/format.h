#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/report/comparison.h"

/// Formats of numbers and strings that the table, the page and the JSON document share.
namespace rectify::report {

/// The text in place of a missing figure: an en dash in HTML; a terminal shows a hyphen.
inline constexpr std::string_view no_figure = "–";

/// The columns of a terminal that UTF-8 text takes, one for each code point.
std::size_t columns_of(std::string_view text);

/// `text` with blanks up to so many columns.
std::string padded(const std::string& text, std::size_t width);

/// `text` with & < > " ' as entities: safe as the content of an element and in a quoted attribute.
std::string escape_html(std::string_view text);

/// `value` with at most `digits` significant digits, no padding zeros, and an exponent where plain
/// digits would be long: 0.0123, 45, 1.2e-6, 123457. `no_figure` when it is not finite.
std::string significant_text(double value, int digits);

/// `value` with 3 significant digits for a column of numbers: 0.420, 12.0, 3120, and 4.1·10⁻⁴ below
/// 0.001. `no_figure` when it is not finite.
std::string column_text(double value);

/// As significant_text with up to 3 digits, fewer when that is what it takes to fit `width`.
std::string short_text(double value, std::size_t width);

/// A share in [0, 1] as percent without the sign, with `digits` after the point: 0.0162 as "1.62".
/// A share too small to show is "<0.1" rather than "0.0". `no_figure` when it is not finite.
std::string percent_text(double share, int digits);

/// Mean and standard deviation of a share in percent, "1.62 ± 0.05"; the mean alone where there is
/// no standard deviation.
std::string percent_text(const Summary& share, int digits);

/// How errors are written: shares of wrong classes in percent, roots of mean squared errors in the
/// units of the targets with four digits.
///
///     ErrorScale(false).with_unit(0.0162)  // "1.62 %"
///     ErrorScale(true).with_unit(57.1384)  // "57.14"
class ErrorScale {
 public:
  explicit ErrorScale(bool regression) : regression_(regression) {}

  /// Without unit. `no_figure` when it is not finite.
  std::string text(double error) const;
  /// Mean and standard deviation, "1.62 ± 0.05"; the mean alone where there is no deviation.
  std::string text(const Summary& error) const;
  /// A difference or a deviation, which may be negative.
  std::string difference(double value) const;
  std::string with_unit(double error) const;

  const char* unit() const { return regression_ ? "" : " %"; }
  const char* difference_unit() const { return regression_ ? "" : " points"; }
  /// What an error is called where there is little room.
  const char* short_name() const { return regression_ ? "rmse" : "error %"; }

 private:
  bool regression_;
};

/// A rate in few characters: 45200 as "45.2k".
std::string rate_text(double per_second);

/// Positions in comparison.activations by mean test error, lowest first; ties go by name, and
/// figures that do not exist come last.
std::vector<std::size_t> ranking(const Comparison& comparison);

/// "0.02, chosen among 3 rates that cannot be told apart on 142 samples (5-fold cross-validation)".
/// Empty when the rate was given. Without `where`, the text ends before "on".
std::string choice_text(double lr, const RateChoice& choice, bool where = true);

/// "on 142 samples (5-fold cross-validation)": what the rates of a search were judged on.
std::string judged_on(const RateChoice& choice);

/// Whether a layer has several positions, so that its units are not its channels.
bool has_positions(const Layer& layer);
bool has_positions(const Comparison& comparison);

/// Whether some networks of a comparison started from layers that learnt without labels.
bool has_pretraining(const Comparison& comparison);

/// The sentence for a comparison without a verdict: which activation has the lowest error, and why
/// there is no verdict.
std::string missing_verdict(const Comparison& comparison);

}  // namespace rectify::report
