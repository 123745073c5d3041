#include <algorithm>
#include <cmath>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/base/text.h"
#include "rectify/report/comparison.h"
#include "rectify/report/format.h"
#include "rectify/report/sparsity.h"

namespace rectify::report {
namespace {

constexpr std::size_t longest_name = 16;  // the longest name that is shown whole in 80 columns

struct Column {
  std::string_view top, bottom;  ///< the two lines of the title
  int importance;                ///< a narrow terminal loses the least important columns first
  std::vector<std::string> cells;
};

/// The first `count` code points of `text`.
std::string_view first_columns(std::string_view text, std::size_t count) {
  std::size_t at = 0;
  for (; at < text.size(); ++at)
    if ((static_cast<unsigned char>(text[at]) >> 6) != 2 && count-- == 0) break;
  return text.substr(0, at);
}

/// Removes control characters: text from a data set or a command line must not control the
/// terminal.
std::string printable(std::string_view text) {
  std::string out(text);
  for (char& c : out)
    if (static_cast<unsigned char>(c) < 0x20 || c == 0x7f) c = c == '\n' || c == '\t' ? ' ' : '?';
  return out;
}

std::string shortened(std::string text, std::size_t width) {
  if (columns_of(text) <= width) return text;
  return std::string(first_columns(text, width - 1)) + "…";
}

std::string padded(const std::string& text, std::size_t width, bool left) {
  const std::size_t taken = columns_of(text);
  const std::string space(width > taken ? width - taken : 0, ' ');
  return left ? text + space : space + text;
}

/// Breaks `text` into lines of at most `width` columns; `indent` is put before all but the first.
std::string wrapped(std::string_view text, std::size_t width, std::string_view indent = "") {
  std::string out, line;
  const auto flush = [&] {
    out += line + "\n";
    line = indent;
  };
  const std::string clean = printable(text);
  std::string_view rest = clean;
  bool empty = true;
  while (!rest.empty()) {
    const std::size_t space = rest.find(' ');
    std::string_view word = rest.substr(0, space);
    rest.remove_prefix(space == std::string_view::npos ? rest.size() : space + 1);
    if (word.empty()) continue;
    if (!empty && columns_of(line) + 1 + columns_of(word) > width) {
      flush();
      empty = true;
    }
    for (; columns_of(line) + columns_of(word) + (empty ? 0 : 1) > width; empty = true) {
      // A word longer than the line, such as a path, is broken at the end of the line.
      const std::string_view part = first_columns(word, width - columns_of(line));
      line += part;
      word.remove_prefix(part.size());
      flush();
    }
    if (!empty) line += ' ';
    line += word;
    empty = false;
  }
  if (!empty) flush();
  return out;
}

/// Mean and standard deviation of the test error in at most 12 columns.
std::string error_cell(const Summary& error, bool regression) {
  if (regression) {
    const std::string text = ErrorScale(true).text(error);
    return columns_of(text) > 12 ? short_text(error.mean, 12) : text;
  }
  std::string text = percent_text(error, 2);
  if (columns_of(text) > 12) text = percent_text(error, 1);
  return columns_of(text) > 12 ? percent_text(error, 0) : text;
}

/// A share in percent in at most 4 columns.
std::string share_cell(double share) {
  const std::string text = percent_text(share, 1);
  return columns_of(text) > 4 ? percent_text(share, 0) : text;
}

/// A number that is not negative in at most 5 columns, points aligned where numbers are alike.
std::string plain_cell(double value, int digits) {
  if (!std::isfinite(value) || value >= 99999.5) return short_text(value, 5);
  if (value > 0 && value < std::pow(10, 1 - digits)) return short_text(value, 5);
  while (digits > 0 && fixed_text(value, digits).size() > 5) --digits;
  return fixed_text(value, digits);
}

std::vector<Column> columns(const Comparison& comparison) {
  std::vector<Column> table = {
      {"", "activation", 10, {}},  {"test", ErrorScale(comparison.regression).short_name(), 9, {}},
      {"best", "epoch", 4, {}},    {"s per", "epoch", 7, {}},
      {"samples", "per s", 3, {}}, {"to", "match", 5, {}},
      {"exact", "0 %", 6, {}},     {"dead", "%", 8, {}},
      {"grad.", "ratio", 2, {}},   {"", "lr", 1, {}}};
  // Of images and sequences, the dead units alone would look worse than it is.
  const bool positions = has_positions(comparison);
  if (positions) {
    table[7].bottom = "unit%";
    table.insert(table.begin() + 8, {"dead", "chan%", 8, {}});
  }
  const bool pretrained = has_pretraining(comparison);
  if (pretrained) table.insert(table.begin() + 4, {"pre-", "train s", 7, {}});
  for (const std::size_t at : ranking(comparison)) {
    const ActivationResult& one = comparison.activations[at];
    const bool ran = std::isfinite(one.test_error.mean);
    std::vector<std::string> cells = {
        printable(one.name),
        error_cell(one.test_error, comparison.regression),
        plain_cell(one.best_epoch.mean, 1),
        plain_cell(one.seconds_per_epoch, 3),
        rate_text(one.samples_per_second),
        ran && std::isnan(one.match_epoch) ? "never" : plain_cell(one.match_epoch, 0),
        share_cell(one.exact_zeros),
        share_cell(one.dead_units),
        one.gradient_ratio < 0.001 ? short_text(one.gradient_ratio, 6)
                                   : column_text(one.gradient_ratio),
        short_text(one.lr, 6)};
    if (positions) cells.insert(cells.begin() + 8, share_cell(one.dead_channels));
    if (pretrained) cells.insert(cells.begin() + 4, plain_cell(one.pretraining_seconds, 1));
    for (std::size_t i = 0; i < table.size(); ++i)
      table[i].cells.push_back(cells[i] == no_figure ? "-" : cells[i]);
  }
  return table;
}

std::size_t width_of(const Column& column) {
  std::size_t width = std::max(column.top.size(), column.bottom.size());
  for (const std::string& cell : column.cells) width = std::max(width, columns_of(cell));
  return width;
}

/// The width of the table with one space between columns.
std::size_t width_of(const std::vector<Column>& table) {
  std::size_t width = table.size() - 1;
  for (const Column& column : table) width += width_of(column);
  return width;
}

/// Makes the table fit: cuts long names first, then removes the least important columns.
void narrow(std::vector<Column>& table, std::size_t width) {
  const auto cut_names = [&](std::size_t to) {
    for (std::string& name : table.front().cells) name = shortened(name, to);
  };
  if (width_of(table) <= width) return;
  const std::size_t others = width_of(table) - width_of(table.front());
  cut_names(std::max(longest_name, width > others ? width - others : 0));
  while (table.size() > 1 && width_of(table) > width)
    table.erase(std::min_element(table.begin(), table.end(), [](const auto& a, const auto& b) {
      return a.importance < b.importance;
    }));
  if (width_of(table) > width) cut_names(width);
}

/// One line of the table; the first `spare` gaps are two columns wide.
std::string line_of(const std::vector<Column>& table, std::size_t spare, auto&& cell) {
  std::string line;
  for (std::size_t i = 0; i < table.size(); ++i) {
    if (i > 0) line += i <= spare ? "  " : " ";
    line += padded(std::string(cell(table[i])), width_of(table[i]), i == 0);
  }
  line.erase(line.find_last_not_of(' ') + 1);
  return line + "\n";
}

std::string table_text(const Comparison& comparison, std::size_t width) {
  std::vector<Column> table = columns(comparison);
  narrow(table, width);
  const std::size_t least = width_of(table);
  const std::size_t spare = std::min(width > least ? width - least : 0, table.size() - 1);
  std::string out = line_of(table, spare, [](const Column& c) { return c.top; });
  out += line_of(table, spare, [](const Column& c) { return c.bottom; });
  for (std::size_t i = 0; i < least + spare; ++i) out += "─";
  out += "\n";
  for (std::size_t row = 0; row < comparison.activations.size(); ++row)
    out += line_of(table, spare, [row](const Column& c) { return std::string_view(c.cells[row]); });
  return out;
}

}  // namespace

std::string to_text(const Comparison& comparison, int width) {
  const std::size_t columns = static_cast<std::size_t>(std::max(width, 20));
  std::string out;
  if (!comparison.activations.empty()) {
    const std::size_t seeds = comparison.seeds.size();
    out += table_text(comparison, columns) + "\n";
    out += wrapped((seeds > 1 ? "±: standard deviation over " + std::to_string(seeds) + " seeds. "
                              : std::string()) +
                       "to match: the first epoch at which the validation error is as low as the "
                       "weakest competitor's best.",
                   columns) +
           "\n";
  }
  if (has_inference(comparison)) out += sparsity_text(comparison, columns) + "\n";
  out += wrapped(comparison.verdict.empty() ? missing_verdict(comparison) : comparison.verdict,
                 columns);
  for (const std::string& note : comparison.notes) out += wrapped("- " + note, columns, "  ");
  return out;
}

}  // namespace rectify::report
