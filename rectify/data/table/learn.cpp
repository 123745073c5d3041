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

/// A column of numbers in which no text occurs twice has mistakes in it, not categories.
void refuse_mistakes(const Counted& counted, const std::vector<std::string>& fields,
                     const std::string& where) {
  if (counted.numbers == 0) return;
  for (const auto& [value, times] : counted.values)
    if (times > 1 && !value.empty() && !number_in(value)) return;
  fail(where, ": '", shown(fields[counted.first_text]),
       "' is not a number, as others in the column are; mend it, or leave it empty");
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

}  // namespace

std::size_t drop_incomplete_rows(Table& table) {
  const std::size_t width = table.columns.size();
  const auto complete = [&](std::size_t row) {
    if (!table.labels.empty() && is_missing(table.labels[row])) return false;
    for (std::size_t k = 0; k < width; ++k) {
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
  for (auto& [column, fields] : table.texts) reduce(fields, 1);
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
    fail("'", name, "' has no column that a network could learn from: the texts hardly repeat");
  return form;
}

}  // namespace rectify::data
