#include "rectify/data/table/learn.h"

#include <algorithm>
#include <cmath>
#include <map>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/table/unreadable.h"

namespace rectify::data {

namespace {

constexpr std::size_t most_values = 100;  ///< of a category, with a feature of their own
constexpr double rare_share = 0.005;      ///< a value in fewer rows shares its feature

/// The fields of a column of texts, counted.
struct Counted {
  std::map<std::string, std::size_t> values;  ///< "" for what is missing
  std::size_t numbers = 0, texts = 0;
  std::size_t first_text = 0;  ///< its row in the table
};

Counted count(const std::vector<std::string>& fields) {
  Counted counted;
  for (std::size_t i = 0; i < fields.size(); ++i) {
    const bool missing = is_missing(fields[i]);
    ++counted.values[missing ? "" : fields[i]];
    if (missing) continue;
    if (number_in(fields[i]))
      ++counted.numbers;
    else if (counted.texts++ == 0)
      counted.first_text = i;
  }
  return counted;
}

/// Whether a column is one of numbers with a few texts in it, not of categories: none of the texts
/// occurs twice, or a few ("-", "unknown") stand among many different numbers.
bool is_of_numbers(const Counted& counted) {
  constexpr std::size_t few_texts = 3, many_numbers = 20;
  std::size_t texts = 0, repeated = 0, numbers = 0;
  for (const auto& [value, times] : counted.values) {
    if (value.empty()) continue;
    if (number_in(value)) {
      ++numbers;
    } else {
      ++texts;
      repeated += times > 1;
    }
  }
  if (numbers == 0) return false;
  return repeated == 0 ||
         (texts <= few_texts && numbers > many_numbers && counted.numbers > counted.texts);
}

void refuse_mistakes(const Counted& counted, const std::vector<std::string>& fields,
                     const std::string& where) {
  if (is_of_numbers(counted))
    fail(where, ": '", shown(fields[counted.first_text]), "' is not a number, as ", counted.numbers,
         " others in the column are; mend it, or leave it empty if it stands for nothing");
}

/// The values that get a feature of their own.
std::vector<std::string> frequent(const Counted& counted, std::size_t rows) {
  const auto least = std::max<std::size_t>(
      2, static_cast<std::size_t>(std::ceil(rare_share * static_cast<double>(rows))));
  std::vector<std::pair<std::size_t, std::string>> found;
  for (const auto& [value, times] : counted.values)
    if (times >= least) found.emplace_back(times, value);
  std::ranges::stable_sort(found, [](const auto& a, const auto& b) { return a.first > b.first; });
  if (found.size() > most_values) found.resize(most_values);
  std::vector<std::string> values;
  for (auto& [times, value] : found) values.push_back(std::move(value));
  std::ranges::sort(values);
  return values;
}

/// "column 'colour' holds texts: 3 features, for 'blue', 'green' and 'red'"
std::string category_note(const Column& column, std::size_t different) {
  constexpr std::size_t most = 4;
  std::string list;
  for (std::size_t i = 0; i < std::min(most, column.values.size()); ++i)
    list +=
        (i == 0 ? "'" : ", '") + (column.values[i].empty() ? "(missing)" : column.values[i]) + "'";
  if (column.values.size() > most) list += concat(" and ", column.values.size() - most, " more");
  if (column.others) list += concat(" and one for the other ", different - column.values.size());
  return concat("column '", column.name, "' holds texts: ", column.features(),
                " features of 0 and 1, for ", list);
}

/// Whether a column numbers the rows, as the first one that pandas writes does.
bool numbers_rows(const Table& table, std::size_t column) {
  constexpr std::size_t least_rows = 10;
  const std::size_t width = table.columns.size();
  const float first = table.values[column];
  if (table.rows < least_rows || (first != 0 && first != 1)) return false;
  for (std::size_t row = 0; row < table.rows; ++row)
    if (table.values[row * width + column] != first + static_cast<float>(row)) return false;
  return true;
}

bool is_empty_column(const Table& table, std::size_t column) {
  const std::size_t width = table.columns.size();
  for (std::size_t at = column; at < table.values.size(); at += width)
    if (!std::isnan(table.values[at])) return false;
  return true;
}

}  // namespace

bool is_missing_label(std::string_view label) {
  return is_missing(label) && label != "None" && label != "none";
}

std::size_t drop_incomplete_rows(Table& table, bool fields) {
  const std::size_t width = table.columns.size();
  const auto complete = [&](std::size_t row) {
    if (!table.labels.empty() && is_missing_label(table.labels[row])) return false;
    for (std::size_t k = 0; k < width && fields; ++k) {
      const auto texts = table.texts.find(k);
      if (texts == table.texts.end() ? std::isnan(table.values[row * width + k])
                                     : is_missing(texts->second[row]))
        return false;
    }
    return true;
  };
  std::vector<bool> keep(table.rows);
  for (std::size_t row = 0; row < table.rows; ++row) keep[row] = complete(row);
  const auto reduce = [&](auto& items, std::size_t wide) {
    if (items.empty()) return;
    std::size_t to = 0;
    for (std::size_t row = 0; row < table.rows; ++row)
      if (keep[row])
        for (std::size_t k = 0; k < wide; ++k, ++to)
          if (to != row * wide + k) items[to] = std::move(items[row * wide + k]);
    items.resize(to);
  };
  reduce(table.values, width);
  reduce(table.labels, 1);
  reduce(table.ids, 1);
  reduce(table.row_numbers, 1);
  for (auto& [column, texts] : table.texts) reduce(texts, 1);
  const auto left = static_cast<std::size_t>(std::ranges::count(keep, true));
  const std::size_t dropped = table.rows - left;
  table.rows = left;
  return dropped;
}

TableForm learn_form(const Table& table, Missing missing, const std::string& name,
                     std::vector<std::string>& notes) {
  TableForm form{.named = table.named, .target = table.label_column, .width = table.width};
  const std::size_t width = table.columns.size();
  for (std::size_t k = 0; k < width; ++k) {
    Column column{.name = table.columns[k]};
    const auto texts = table.texts.find(k);
    if (texts == table.texts.end()) {
      if (is_empty_column(table, k)) {
        notes.push_back(concat("column '", column.name, "' is left out: it has no values"));
        continue;
      }
      if (numbers_rows(table, k)) {
        const bool nameless = table.named && column.name.empty();
        notes.push_back(concat("column '", column.name,
                               nameless ? "' is left out: it numbers the rows"
                                        : "' numbers the rows, in which a network finds no more "
                                          "than their order; if so, leave it out: ignore=",
                               nameless ? "" : column.name));
        if (nameless) continue;
      }
      for (std::size_t row = 0; row < table.rows && missing == Missing::indicator; ++row)
        column.indicator = column.indicator || std::isnan(table.values[row * width + k]);
      form.columns.push_back(std::move(column));
      continue;
    }
    const Counted counted = count(texts->second);
    const std::string where = concat("'", name, "', row ", table.row_numbers[counted.first_text],
                                     ", column '", shown(column.name), "'");
    refuse_unreadable(texts->second, where);
    refuse_mistakes(counted, texts->second, where);
    column.category = true;
    column.values = frequent(counted, table.rows);
    column.others = column.values.size() < counted.values.size();
    if (column.values.empty()) {
      notes.push_back(concat("column '", column.name, "' is left out: its texts hardly repeat (",
                             counted.values.size(), " different ones in ", table.rows, " rows)"));
      continue;
    }
    notes.push_back(category_note(column, counted.values.size()));
    form.columns.push_back(std::move(column));
  }
  if (form.columns.empty())
    fail("'", name, "' has no column that a network could learn from: ", notes.back());
  return form;
}

}  // namespace rectify::data
