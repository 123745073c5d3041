#include "rectify/diagnose/rules/kit.h"

#include <array>
#include <charconv>
#include <cmath>

#include "rectify/graph/activate.h"
#include "rectify/graph/text.h"

namespace rectify::diagnose::check {

Finding found(const Rule& rule, Severity severity, std::string where) {
  return {.cause = std::string(rule.cause),
          .severity = severity,
          .where = std::move(where),
          .title = std::string(rule.title)};
}

std::string brief(double value) {
  if (!std::isfinite(value)) return std::isnan(value) ? "nan" : value < 0 ? "-inf" : "infinite";
  std::array<char, 32> text;
  const auto end =
      std::to_chars(text.data(), text.data() + text.size(), value, std::chars_format::general, 3);
  return {text.data(), end.ptr};
}

std::string rounded(double rate) {
  const double power = std::pow(10, std::floor(std::log10(rate)));
  return number_text(parse_number(brief(std::round(rate / power) * power)).value_or(rate));
}

std::string percent(double share) { return fixed_text(100 * share, share < 0.1 ? 1 : 0) + " %"; }

bool is_of_logits(const std::string& loss) {
  return loss == "softmax_cross_entropy" || loss == "sigmoid_cross_entropy" || loss == "hinge";
}

bool is_two_sided(const graph::Node& activation) {
  if (!graph::is_activation(activation)) return false;
  const auto properties = activation::properties(graph::activation_row(activation),
                                                 graph::activation_parameters(activation));
  return properties.saturates_left && properties.saturates_right;
}

namespace {

/// The text of a chain; empty for a network that prints as lines.
std::string chain_of(const graph::Graph& network) {
  std::string text;
  try {
    text = graph::model_text(network);
  } catch (const Error&) {
    return {};
  }
  return text.find('\n') == std::string::npos && text.find('%') == std::string::npos
             ? text
             : std::string();
}

/// Whether the text is a network; edits that are none are not offered.
bool parses(const std::string& text) {
  try {
    graph::parse_model(text);
    return true;
  } catch (const Error&) {
    return false;
  }
}

}  // namespace

std::string without_last_item(const graph::Graph& network) {
  const std::string text = chain_of(network);
  const std::size_t bar = text.rfind('|');
  if (bar == std::string::npos) return {};
  const std::string shorter(trim(std::string_view(text).substr(0, bar)));
  return parses(shorter) ? shorter : std::string();
}

std::string with_items(const graph::Graph& network,
                       const std::function<std::string(const std::string& item)>& edit) {
  const std::string text = chain_of(network);
  std::string edited, item;
  const auto flush = [&] {
    const std::string_view body = trim(item);
    if (body.empty()) {
      edited += item;
    } else {
      const std::size_t at = item.find(body.front());
      edited += item.substr(0, at) + edit(std::string(body)) + item.substr(at + body.size());
    }
    item.clear();
  };
  for (const char c : text) {
    if (c != '|' && c != '(' && c != ')' && c != ':' && c != ';') {
      item += c;
      continue;
    }
    flush();
    edited += c;
  }
  flush();
  return edited != text && parses(edited) ? edited : std::string();
}

std::string with_usual_start(const graph::Graph& network) {
  return with_items(network, [](const std::string& item) {
    std::string kept;
    for (const std::string& word : split(item, ' '))
      if (!word.starts_with("init=") && !word.starts_with("gain="))
        kept += (kept.empty() ? "" : " ") + word;
    return kept;
  });
}

void advise_usual_start(const Facts& facts, Finding& finding) {
  if (!facts.options.weights.empty()) finding.changes.push_back({"--weights", ""});
  if (facts.options.init != "auto") finding.changes.push_back({"--init", "auto"});
  const std::string text = with_usual_start(*facts.network);
  if (!text.empty()) finding.changes.push_back({"--model", text});
}

}  // namespace rectify::diagnose::check
