#include "rectify/data/formats/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/csv_rows.h"

namespace rectify::data {

namespace {

using Fields = std::vector<std::string_view>;

/// parse_number() with a short cut for short whole numbers, of which tables have many.
std::optional<double> number_in(std::string_view field) {
  if (!field.empty() && field.size() < 10 &&
      std::all_of(field.begin(), field.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    int value = 0;
    for (const char c : field) value = value * 10 + (c - '0');
    return value;
  }
  return parse_number(field);
}

bool is_infinite(std::string_view field) {
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  constexpr std::array spellings = {"inf", "Inf", "INF", "infinity", "Infinity"};
  return std::find(spellings.begin(), spellings.end(), field) != spellings.end();
}

/// A field as errors show it: a long text is cut off.
std::string shown(std::string_view field) {
  constexpr std::size_t most = 40;
  std::string text(field.substr(0, most));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  return field.size() > most ? text + "..." : text;
}

/// Makes a Table of the rows.
class Builder {
 public:
  Builder(const std::string& label, const std::string& name) : label_(label), name_(name) {}

  void begin(const Fields& first) {
    width_ = first.size();
    const std::size_t named =
        static_cast<std::size_t>(std::count(first.begin(), first.end(), trim(label_)));
    std::size_t texts = 0;
    for (const std::string_view field : first) texts += is_text(field);
    // If `label` can be a position, it is one: the first row may hold numbers instead of names.
    const bool by_name = texts > 0 && named > 0 && !is_position();
    if (by_name && named > 1)
      fail("'", name_, "' has ", named, " columns called '", label_,
           "'; give the position of the one with the labels, from 0");
    const auto at = std::find(first.begin(), first.end(), trim(label_));
    label_at_ = by_name ? static_cast<std::size_t>(at - first.begin()) : position(first, texts > 0);
    if (width_ < 2)
      fail("'", name_, "' has one column; a table needs a column of labels and others of numbers");
    header_ = by_name || texts > (is_text(first[label_at_]) ? 1u : 0u);
    take_names(first, header_);
  }

  bool has_header() const { return header_; }

  void add(const Fields& fields, std::size_t row) {
    if (fields.size() != width_)
      fail("'", name_, "', row ", row, " has ", fields.size(), " fields but the first row has ",
           width_, "; every row needs as many");
    for (std::size_t i = 0; i < fields.size(); ++i)
      if (i != label_at_) table_.values.push_back(value(fields[i], i, row));
    if (fields[label_at_].empty()) fail_missing(label_at_, row);
    table_.labels.emplace_back(fields[label_at_]);
    table_.label_rows.push_back(row);
    ++table_.rows;
  }

  Table finish() {
    // If all names are numbers (0,1,2,label), only the labels below show that the first row holds
    // names.
    const auto number = [](const std::string& label) { return number_in(label).has_value(); };
    if (!header_ && table_.rows > 1 && is_text(table_.labels[0]) &&
        std::all_of(table_.labels.begin() + 1, table_.labels.end(), number)) {
      const auto features = static_cast<std::ptrdiff_t>(width_ - 1);
      table_.label_column = table_.labels[0];
      table_.values.erase(table_.values.begin(), table_.values.begin() + features);
      table_.labels.erase(table_.labels.begin());
      table_.label_rows.erase(table_.label_rows.begin());
      --table_.rows;
    }
    if (table_.rows == 0) fail("'", name_, "' has no rows of numbers below its names");
    return std::move(table_);
  }

 private:
  static bool is_text(std::string_view field) {
    return !number_in(field) && !is_missing(field) && !is_infinite(field);
  }

  bool is_position() const {
    const auto index = parse_integer(label_);
    return index && *index >= 0 && *index < static_cast<std::int64_t>(width_);
  }

  std::size_t position(const Fields& first, bool has_names) const {
    const auto index = parse_integer(label_);
    if (is_position()) return static_cast<std::size_t>(*index);
    if (index || !has_names)
      fail("'", name_, "' has ", width_, " columns", has_names ? "" : " without names",
           ", so the labels are in one of 0 to ", width_ - 1, ", not in '", label_, "'");
    // A table of pixels has too many columns to list all names.
    constexpr std::size_t most_names = 40;
    std::vector<std::string> names;
    for (std::size_t i = 0; i < std::min(width_, most_names); ++i) names.push_back(shown(first[i]));
    fail("'", name_, "' has no column '", label_, "'", suggestion(label_, names),
         width_ > most_names ? concat(" and ", width_ - most_names, " more") : "");
  }

  void take_names(const Fields& first, bool header) {
    for (std::size_t i = 0; i < width_; ++i) {
      const std::string column = header ? std::string(first[i]) : std::to_string(i);
      names_.push_back(column);
      if (i == label_at_)
        table_.label_column = column;
      else
        table_.columns.push_back(column);
    }
  }

  std::string where(std::size_t column, std::size_t row) const {
    return concat("'", name_, "', row ", row, ", column ", header_ ? "'" : "",
                  shown(names_[column]), header_ ? "'" : "");
  }

  [[noreturn]] void fail_missing(std::size_t column, std::size_t row) const {
    fail(where(column, row), ": the value is missing; fill it in or leave the row out");
  }

  float value(std::string_view field, std::size_t column, std::size_t row) const {
    if (const auto number = number_in(field)) {
      const auto stored = static_cast<float>(*number);
      if (!std::isfinite(stored))
        fail(where(column, row), ": ", shown(field), " is too large for a float");
      return stored;
    }
    if (is_missing(field)) fail_missing(column, row);
    if (is_infinite(field))
      fail(where(column, row), ": ", shown(field),
           " is not finite; replace it or leave the row out");
    fail(where(column, row), ": '", shown(field),
         "' is not a number; leave the column out or write it as numbers");
  }

  const std::string& label_;
  const std::string& name_;
  std::size_t width_ = 0, label_at_ = 0;
  bool header_ = false;
  std::vector<std::string> names_;
  Table table_;
};

}  // namespace

bool is_missing(std::string_view field) {
  constexpr std::array spellings = {"",    "NA",  "N/A",  "na",   "n/a",  "NaN",
                                    "nan", "NAN", "null", "NULL", "None", "?"};
  return std::find(spellings.begin(), spellings.end(), field) != spellings.end();
}

Table parse_csv(std::string_view text, const std::string& label, const std::string& name) {
  CsvRows rows(text, name);
  Fields fields;
  if (!rows.next(fields)) fail("'", name, "' is empty; a table needs rows of numbers and a label");
  Builder builder(label, name);
  builder.begin(fields);
  if (!builder.has_header()) builder.add(fields, rows.row());
  while (rows.next(fields)) builder.add(fields, rows.row());
  return builder.finish();
}

}  // namespace rectify::data
