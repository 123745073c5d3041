// The family as a table, and one row as a sheet, for a terminal of 80 columns.

#include <algorithm>

#include "rectify/activation/kernels.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/report/activation_words.h"
#include "rectify/report/activations.h"
#include "rectify/report/format.h"

namespace rectify::report {
namespace {

using activation::Cost;
using activation::Row;

constexpr std::size_t widest = 80;

std::string right(const std::string& text, std::size_t width) {
  const std::size_t shown = columns_of(text);
  return std::string(shown < width ? width - shown : 0, ' ') + text;
}

/// The table as text. Columns are two spaces apart, or one where that is needed to fit. Names are
/// on the left; `to_right` says which columns are aligned to the right.
std::string table_text(const std::vector<std::vector<std::string>>& lines,
                       const std::vector<bool>& to_right) {
  std::vector<std::size_t> widths(to_right.size(), 0);
  for (const auto& line : lines)
    for (std::size_t i = 0; i < line.size(); ++i)
      widths[i] = std::max(widths[i], columns_of(line[i]));
  std::size_t least = widths.size() - 1;
  for (const std::size_t width : widths) least += width;
  const std::size_t spare = std::min(widest - std::min(least, widest), widths.size() - 1);
  std::string out;
  for (const auto& line : lines) {
    std::string text;
    for (std::size_t i = 0; i < line.size(); ++i) {
      if (i > 0) text += i <= spare ? "  " : " ";
      text += to_right[i] ? right(line[i], widths[i]) : padded(line[i], widths[i]);
    }
    text.erase(text.find_last_not_of(' ') + 1);
    out += text + "\n";
  }
  return out;
}

/// The initialiser's name without its distribution, which the sheet shows: "he" for "he_normal".
std::string short_initialiser(const Row& row) {
  const std::string_view name = activation::name_of(row.initialiser);
  return std::string(name.substr(0, name.find('_')));
}

/// Cycles for each element, with three digits.
std::string cycles(double count) { return fixed_text(count, count < 10 ? 2 : count < 100 ? 1 : 0); }

/// `text` in lines of at most `width` columns; all lines but the first start with `indent` spaces.
std::string wrapped(const std::string& text, std::size_t width, std::size_t indent) {
  std::string out;
  std::size_t at = 0;
  for (const std::string& word : split(text, ' ')) {
    if (at > 0 && at + 1 + columns_of(word) > width) {
      out += "\n" + std::string(indent, ' ');
      at = 0;
    }
    out += (at > 0 ? " " : "") + word;
    at += (at > 0 ? 1 : 0) + columns_of(word);
  }
  return out;
}

std::string cost_words(double ns, double count) {
  return concat(fixed_text(ns, 3), " ns, ", cycles(count), " cycles an element");
}

}  // namespace

std::string activation_table(std::span<const Cost> costs) {
  std::vector<std::vector<std::string>> lines = {
      {"", "", "satu-", "zero", "max", "exact", "", ""},
      {"name", "range", "rates", "centre", "slope", "zeros", "smooth", "gain"}};
  std::vector<bool> to_right = {false, false, false, false, true, false, false, true};
  if (costs.empty()) {
    lines[0].push_back("");
    lines[1].push_back("init");
    to_right.push_back(false);
  } else {
    lines[0].insert(lines[0].end(), {"cycles", "an"});
    lines[1].insert(lines[1].end(), {"forw.", "back."});
    lines[0][8] = "cycles";
    lines[0][9] = "each";
    to_right.insert(to_right.end(), {true, true});
  }
  for (const Row& row : activation::family()) {
    const ActivationWords words(row);
    const activation::Properties& has = words.properties;
    std::vector<std::string> line = {std::string(row.name),
                                     words.range,
                                     words.saturates,
                                     yes(has.zero_centred),
                                     fixed_text(has.largest_slope, 3),
                                     yes(has.exact_zeros),
                                     yes(has.smooth),
                                     fixed_text(has.gain, 3)};
    if (costs.empty()) {
      line.push_back(short_initialiser(row));
    } else {
      line.push_back(cycles(costs[row.index].forward_cycles));
      line.push_back(cycles(costs[row.index].backward_cycles));
    }
    lines.push_back(std::move(line));
  }
  std::string text = table_text(lines, to_right);
  if (!costs.empty())
    text += concat("\nCycles an element, forward and backward, ", activation::instruction_set(),
                   ", one thread, in cache.\n");
  return text +
         "\nrectify activations NAME says everything about one, --plot draws them;\n"
         "docs/activations/ has all of it as a page.\n";
}

std::string activation_sheet(const Row& row, const Cost& cost) {
  constexpr std::size_t title_width = 15, indent = 2 + title_width;
  const ActivationWords words(row);
  std::string text = std::string(row.name);
  for (const std::string_view alias : row.aliases) text += concat(", also ", alias);
  text += "\n";
  const auto line = [&](const char* title, const std::string& value) {
    if (!value.empty())
      text += "  " + padded(title, title_width) + wrapped(value, widest - indent, indent) + "\n";
  };
  line("value", std::string(row.formula));
  line("derivative", std::string(row.derivative));
  line("at the kink", std::string(row.kink));
  for (const std::string& parameter : words.parameters) line("parameter", parameter);
  line("in training", words.in_training);
  line("as x -> -inf", tail_words(words.left, true));
  line("as x -> inf", tail_words(words.right, false));
  line("range", words.range);
  line("saturates", words.saturates);
  line("zero-centred", yes(words.properties.zero_centred));
  line("max slope", fixed_text(words.properties.largest_slope, 4));
  line("exact zeros", yes(words.properties.exact_zeros));
  line("smooth", yes(words.properties.smooth));
  line("gain", fixed_text(words.properties.gain, 4) +
                   ", keeps the second moment of a standard normal input");
  line("initialiser", std::string(activation::name_of(row.initialiser)));
  line("accuracy", words.accuracy);
  line("ONNX", words.onnx);
  line("source", std::string(row.source));
  line("cost here",
       concat("measured now, ", activation::instruction_set(), ", one thread, in cache:"));
  line("  forward", cost_words(cost.forward_ns, cost.forward_cycles));
  line("  backward", cost_words(cost.backward_ns, cost.backward_cycles));
  text += "\n";
  std::vector<std::vector<std::string>> table = {{"       x", "value", "derivative"}};
  for (const double x : anchors)
    table.push_back({"  " + right(number_text(x), 6), fixed_text(row.value(x, words.p), 6),
                     fixed_text(row.slope(x, words.p), 6)});
  return text + table_text(table, {true, true, true});
}

}  // namespace rectify::report
