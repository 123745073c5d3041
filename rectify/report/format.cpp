#include "rectify/report/format.h"

#include <algorithm>
#include <array>
#include <charconv>
#include <cmath>
#include <numeric>
#include <tuple>

#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::report {

std::size_t columns_of(std::string_view text) {
  return static_cast<std::size_t>(std::ranges::count_if(
      text, [](char c) { return (static_cast<unsigned char>(c) & 0xC0) != 0x80; }));
}

std::string padded(const std::string& text, std::size_t width) {
  const std::size_t shown = columns_of(text);
  return text + std::string(shown < width ? width - shown : 0, ' ');
}

std::string escape_html(std::string_view text) {
  std::string out;
  out.reserve(text.size());
  for (const char c : text) {
    switch (c) {
      case '&':
        out += "&amp;";
        break;
      case '<':
        out += "&lt;";
        break;
      case '>':
        out += "&gt;";
        break;
      case '"':
        out += "&quot;";
        break;
      case '\'':
        out += "&#39;";
        break;
      default:
        out += c;
    }
  }
  return out;
}

std::string significant_text(double value, int digits) {
  if (!std::isfinite(value)) return std::string(no_figure);
  if (std::abs(value) >= std::pow(10, digits) && std::abs(value) < 1e9) return fixed_text(value, 0);
  std::array<char, 64> buffer;
  const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                          std::chars_format::general, digits);
  std::string text(buffer.data(), end);
  // "1e-05" says no more than "1e-5".
  if (const std::size_t e = text.find('e'); e != std::string::npos) {
    const std::size_t zeros = text.find_first_not_of('0', e + 2) - (e + 2);
    text.erase(e + 2, zeros);
    if (text[e + 1] == '+') text.erase(e + 1, 1);
  }
  return text;
}

std::string column_text(double value) {
  if (!std::isfinite(value)) return std::string(no_figure);
  if (value == 0) return "0";
  const int exponent = static_cast<int>(std::floor(std::log10(std::abs(value))));
  if (exponent >= -3 && exponent < 9) return fixed_text(value, std::max(0, 2 - exponent));
  std::string power;
  for (const char c : std::to_string(exponent)) {
    constexpr std::array<std::string_view, 10> raised = {"⁰", "¹", "²", "³", "⁴",
                                                         "⁵", "⁶", "⁷", "⁸", "⁹"};
    power += c == '-' ? "⁻" : raised[static_cast<std::size_t>(c - '0')];
  }
  return fixed_text(value / std::pow(10, exponent), 1) + "·10" + power;
}

std::string short_text(double value, std::size_t width) {
  if (!std::isfinite(value)) return std::string(no_figure);
  std::string text = significant_text(value, 3);
  for (int digits = 2; digits >= 1 && text.size() > width; --digits) {
    text = significant_text(value, digits);
    if (text.size() <= width) break;
    // 0.00032 is longer than 3.2e-4.
    std::array<char, 64> buffer;
    const auto [end, error] = std::to_chars(buffer.data(), buffer.data() + buffer.size(), value,
                                            std::chars_format::scientific, digits - 1);
    std::string scientific(buffer.data(), end);
    const std::size_t e = scientific.find('e');
    const int exponent = static_cast<int>(
        parse_integer(scientific.substr(e + (scientific[e + 1] == '+' ? 2 : 1))).value_or(0));
    scientific = scientific.substr(0, e + 1) + std::to_string(exponent);
    if (scientific.size() < text.size()) text = scientific;
  }
  return text;
}

std::string percent_text(double share, int digits) {
  if (!std::isfinite(share)) return std::string(no_figure);
  const double least = std::pow(10.0, -digits);
  if (share > 0 && 100 * share < least / 2) return "<" + fixed_text(least, digits);
  return fixed_text(100 * share, digits);
}

std::string percent_text(const Summary& share, int digits) {
  std::string text = percent_text(share.mean, digits);
  if (std::isfinite(share.mean) && std::isfinite(share.sd))
    text += " ± " + fixed_text(100 * share.sd, digits);
  return text;
}

std::string ErrorScale::text(double error) const {
  return regression_ ? significant_text(error, 4) : percent_text(error, 2);
}

std::string ErrorScale::text(const Summary& error) const {
  std::string text = this->text(error.mean);
  if (std::isfinite(error.mean) && std::isfinite(error.sd)) text += " ± " + difference(error.sd);
  return text;
}

std::string ErrorScale::difference(double value) const {
  return regression_ ? significant_text(value, 3) : fixed_text(100 * value, 2);
}

std::string ErrorScale::with_unit(double error) const { return text(error) + unit(); }

std::string rate_text(double per_second) {
  if (!std::isfinite(per_second)) return std::string(no_figure);
  for (const auto& [unit, letter] : {std::pair(1e9, 'G'), std::pair(1e6, 'M'), std::pair(1e3, 'k')})
    if (per_second >= 0.9995 * unit) return significant_text(per_second / unit, 3) + letter;
  return significant_text(per_second, 3);
}

std::vector<std::size_t> ranking(const Comparison& comparison) {
  std::vector<std::size_t> order(comparison.activations.size());
  std::iota(order.begin(), order.end(), std::size_t{0});
  const auto key = [&](std::size_t at) {
    const ActivationResult& result = comparison.activations[at];
    const bool missing = !std::isfinite(result.test_error.mean);
    return std::tuple(missing, missing ? 0.0 : result.test_error.mean, std::cref(result.name));
  };
  std::stable_sort(order.begin(), order.end(), [&](std::size_t a, std::size_t b) {
    const auto [missing_a, mean_a, name_a] = key(a);
    const auto [missing_b, mean_b, name_b] = key(b);
    return std::tie(missing_a, mean_a, name_a.get()) < std::tie(missing_b, mean_b, name_b.get());
  });
  return order;
}

std::string judged_on(const RateChoice& choice) {
  const char* kind = choice.folds == 1   ? " validation samples"
                     : choice.folds == 0 ? " samples that also train"
                                         : " samples";
  return concat("on ", count_text(choice.samples), kind,
                choice.folds > 1 ? concat(" (", choice.folds, "-fold cross-validation)") : "");
}

std::string choice_text(double lr, const RateChoice& choice, bool where) {
  if (choice.rates == 0) return {};
  const std::string rate = number_text(lr), end = where ? " " + judged_on(choice) : std::string();
  if (choice.alike > 1)
    return concat(rate, ", chosen among ", choice.alike, " rates that cannot be told apart", end);
  return concat(rate, ", by more than a standard error the best of ", choice.rates, " rates", end);
}

bool has_positions(const Layer& layer) {
  return layer.channels > 0 && layer.channels < layer.units;
}

bool has_positions(const Comparison& comparison) {
  return std::ranges::any_of(comparison.activations, [](const ActivationResult& one) {
    return std::ranges::any_of(one.layers, [](const Layer& l) { return has_positions(l); });
  });
}

bool has_pretraining(const Comparison& comparison) {
  return std::ranges::any_of(comparison.activations, [](const ActivationResult& one) {
    return one.pretraining_seconds > 0;
  });
}

std::string missing_verdict(const Comparison& comparison) {
  if (comparison.activations.empty()) return "Nothing was compared.";
  const ActivationResult& best = comparison.activations[ranking(comparison).front()];
  if (!std::isfinite(best.test_error.mean)) return "No network reached a test error.";
  const std::string error = ErrorScale(comparison.regression).with_unit(best.test_error.mean);
  if (comparison.activations.size() == 1)
    return best.name + " reaches a test error of " + error +
           "; there is no competitor to compare it to.";
  const std::size_t seeds = comparison.seeds.size();
  const std::string lead = best.name + " has the lowest test error, " + error;
  if (seeds >= 3) return lead + "; no verdict was drawn.";
  return lead + ", but " + (seeds == 1 ? "one seed is" : std::to_string(seeds) + " seeds are") +
         " too few for a verdict: run at least 3.";
}

}  // namespace rectify::report
