#include "rectify/data/formats/csv.h"

#include <algorithm>
#include <array>
#include <cmath>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/csv_columns.h"
#include "rectify/data/formats/csv_rows.h"
#include "rectify/data/formats/text_encoding.h"

namespace rectify::data {

namespace {

using Fields = std::vector<std::string_view>;

bool is_infinite(std::string_view field) {
  if (field.starts_with('-') || field.starts_with('+')) field.remove_prefix(1);
  constexpr std::array spellings = {"inf", "Inf", "INF", "infinity", "Infinity"};
  return std::find(spellings.begin(), spellings.end(), field) != spellings.end();
}

/// Makes a Table of the rows. The first row stays among them until it is known to hold names.
class Builder {
 public:
  Builder(std::string_view text, const TableRequest& request, const std::string& name)
      : text_(text), request_(request), name_(name) {}

  Table build() {
    CsvRows rows(text_, name_);
    Fields fields;
    if (!rows.next(fields)) fail("'", name_, "' is empty; a table needs rows of numbers");
    columns_ = find_columns(fields, request_, name_);
    ranges_.resize(columns_.features.size());
    has_text_.resize(columns_.features.size());
    first_text_.resize(columns_.features.size());
    if (!columns_.named) add(fields, rows.row(), first_text_);
    while (rows.next(fields)) add(fields, rows.row(), has_text_);
    if (!columns_.named) decide_names();
    name_table();
    if (table_.rows == 0) fail("'", name_, "' has no rows of numbers below its names");
    if (!request_.form) refuse_lost_differences();
    if (table_.texts.empty()) collect_texts();
    return std::move(table_);
  }

 private:
  bool reads_text(std::size_t feature) const {
    return request_.form ? static_cast<bool>(columns_.category[feature])
                         : has_text_[feature] || first_text_[feature];
  }

  void add(const Fields& fields, std::size_t row, std::vector<bool>& texts) {
    if (fields.size() != columns_.names.size())
      fail("'", name_, "', row ", row, " has ", fields.size(), " fields but the first row has ",
           columns_.names.size(), "; every row needs as many");
    for (std::size_t k = 0; k < columns_.features.size(); ++k)
      table_.values.push_back(value(fields, k, row, texts));
    if (columns_.label) add_label(fields[*columns_.label], row);
    if (columns_.id) table_.ids.emplace_back(fields[*columns_.id]);
    table_.row_numbers.push_back(row);
    ++table_.rows;
  }

  void add_label(std::string_view field, std::size_t row) {
    if (field.empty() && !request_.labels_may_miss)
      fail(where(*columns_.label, row),
           ": the value is missing; fill it in, or add unlabelled=drop to leave such rows out");
    table_.labels.emplace_back(field);
  }

  float value(const Fields& fields, std::size_t feature, std::size_t row,
              std::vector<bool>& texts) {
    constexpr float missing = std::numeric_limits<float>::quiet_NaN();
    const std::size_t column = columns_.features[feature];
    const std::string_view field = fields[column];
    if (request_.form && columns_.category[feature]) return missing;
    if (const auto number = number_in(field)) {
      const auto stored = static_cast<float>(*number);
      if (!std::isfinite(stored))
        fail(where(column, row), ": ", shown(field), " is too large for a float");
      ranges_[feature].add(*number);
      return stored;
    }
    if (is_missing(field)) return missing;
    if (is_infinite(field))
      fail(where(column, row), ": ", shown(field),
           " is not finite; replace it or leave the row out");
    texts[feature] = true;
    if (request_.form && (columns_.named || table_.rows > 0))
      fail(where(column, row), ": '", shown(field),
           "' is not a number, as the model knows in this column");
    return missing;
  }

  void refuse_lost_differences() const {
    for (std::size_t k = 0; k < ranges_.size(); ++k)
      if (const NumberRange& range = ranges_[k]; range.lost_in_float())
        fail("'", name_, "', column '", shown(table_.columns[k]), "': its numbers, ",
             number_text(range.least), " to ", number_text(range.greatest),
             ", lie too close together for their size, so that floats lose the differences; "
             "subtract the least one from all");
  }

  /// Whether the first row holds names, where nothing that was asked for says so.
  void decide_names() {
    const std::size_t features = columns_.features.size();
    bool any = false, named = false;
    for (std::size_t k = 0; k < features; ++k) {
      any = any || first_text_[k];
      named = named || (first_text_[k] && !has_text_[k]);
    }
    if (any && !named) {
      collect_texts();
      named = !recurs();
    }
    // Where all names of features are numbers (0,1,2,label), only the labels show that.
    const auto number = [](const std::string& label) { return number_in(label).has_value(); };
    const std::vector<std::string>& labels = table_.labels;
    if (!any && table_.rows > 1 && !labels.empty() && !number(labels[0]) &&
        !is_missing(labels[0]) && std::all_of(labels.begin() + 1, labels.end(), number))
      named = true;
    columns_.named = named;
    if (named) drop_first();
  }

  /// Whether a text of the first row occurs below it, as a name would not: the label, or else any.
  bool recurs() const {
    const std::vector<std::string>& labels = table_.labels;
    if (!labels.empty() && !is_missing(labels[0]) && !number_in(labels[0]))
      return std::find(labels.begin() + 1, labels.end(), labels[0]) != labels.end();
    for (const auto& [feature, fields] : table_.texts)
      if (first_text_[feature] &&
          std::find(fields.begin() + 1, fields.end(), fields[0]) != fields.end())
        return true;
    return false;
  }

  void drop_first() {
    const auto features = static_cast<std::ptrdiff_t>(columns_.features.size());
    table_.values.erase(table_.values.begin(), table_.values.begin() + features);
    if (columns_.label) table_.labels.erase(table_.labels.begin());
    if (columns_.id) table_.ids.erase(table_.ids.begin());
    table_.row_numbers.erase(table_.row_numbers.begin());
    for (auto& [feature, fields] : table_.texts) fields.erase(fields.begin());
    std::erase_if(table_.texts, [this](const auto& texts) { return !has_text_[texts.first]; });
    first_text_.assign(first_text_.size(), false);
    --table_.rows;
  }

  void name_table() {
    const auto title = [this](std::size_t column) {
      return *columns_.named ? columns_.names[column] : std::to_string(column);
    };
    table_.named = *columns_.named;
    table_.width = columns_.names.size();
    for (std::size_t k = 0; k < columns_.features.size(); ++k)
      table_.columns.push_back(request_.form ? request_.form->columns[k].name
                                             : title(columns_.features[k]));
    if (columns_.label) table_.label_column = title(*columns_.label);
    table_.unused = columns_.unused;
  }

  /// Reads the columns of texts again, for their fields.
  void collect_texts() {
    std::vector<std::pair<std::size_t, std::vector<std::string>*>> wanted;
    for (std::size_t k = 0; k < columns_.features.size(); ++k)
      if (reads_text(k)) wanted.emplace_back(columns_.features[k], &table_.texts[k]);
    if (wanted.empty()) return;
    CsvRows rows(text_, name_);
    Fields fields;
    while (rows.next(fields)) {
      if (rows.row() < table_.row_numbers.front()) continue;
      for (const auto& [column, texts] : wanted) texts->emplace_back(fields[column]);
    }
  }

  std::string where(std::size_t column, std::size_t row) const {
    const bool named = columns_.named.value_or(row > 1 && !number_in(columns_.names[column]));
    const std::string title =
        named ? concat("'", shown(columns_.names[column]), "'") : std::to_string(column);
    return concat("'", name_, "', row ", row, ", column ", title);
  }

  std::string_view text_;
  const TableRequest& request_;
  const std::string& name_;
  CsvColumns columns_;
  std::vector<NumberRange> ranges_;          ///< of each feature
  std::vector<bool> has_text_, first_text_;  ///< of each feature: in a row below, in the first
  Table table_;
};

}  // namespace

std::optional<double> number_in(std::string_view field) {
  // A short cut for short whole numbers, of which tables have many.
  if (!field.empty() && field.size() < 10 &&
      std::all_of(field.begin(), field.end(), [](char c) { return c >= '0' && c <= '9'; })) {
    int value = 0;
    for (const char c : field) value = value * 10 + (c - '0');
    return value;
  }
  return parse_number(field);
}

bool is_missing(std::string_view field) {
  constexpr std::array spellings = {
      "",     "NA",   "N/A",  "na",  "n/a",    "N.A.",    "n.a.",    "#N/A",    "#NA",
      "<NA>", "NaN",  "nan",  "NAN", "-nan",   "-NaN",    "NaT",     "null",    "NULL",
      "Null", "None", "none", "?",   "1.#IND", "-1.#IND", "1.#QNAN", "-1.#QNAN"};
  return std::find(spellings.begin(), spellings.end(), field) != spellings.end();
}

std::string encoding_note(const Table& table, const std::string& name) {
  return concat("'", name, "' is not in UTF-8 and was read as ", table.encoding);
}

std::string shown(std::string_view field) {
  constexpr std::size_t most = 40;
  std::string text(field.substr(0, most));
  for (char& c : text)
    if (static_cast<unsigned char>(c) < 32) c = ' ';
  return field.size() > most ? text + "..." : text;
}

bool NumberRange::lost_in_float() const {
  constexpr double steps = 256;  // fewer than these between the least and the greatest are too few
  const float far = static_cast<float>(std::max(std::abs(least), std::abs(greatest)));
  const double step = std::nextafter(far, std::numeric_limits<float>::infinity()) - far;
  return greatest > least && greatest - least < steps * step;
}

Table parse_csv(std::string_view text, const TableRequest& request, const std::string& name) {
  if (is_plain_utf8(text)) return Builder(text, request, name).build();
  const DecodedText decoded = decode_text(text);
  Table table = Builder(decoded.text, request, name).build();
  table.encoding = decoded.encoding;
  return table;
}

}  // namespace rectify::data
