// From the rows of a table to features, by a form.

#include <algorithm>
#include <cmath>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/data/table/learn.h"

namespace rectify::data {

namespace {

void put_category(const Column& column, const std::vector<std::string>& fields, float* to,
                  std::size_t stride, std::set<std::string>& unknown) {
  for (std::size_t row = 0; row < fields.size(); ++row) {
    const std::string value = is_missing(fields[row]) ? "" : fields[row];
    const auto found = std::ranges::lower_bound(column.values, value);
    const auto at = static_cast<std::size_t>(found - column.values.begin());
    if (found != column.values.end() && *found == value)
      to[row * stride + at] = 1;
    else if (column.others)
      to[row * stride + column.values.size()] = 1;
    else
      unknown.insert(value.empty() ? "(missing)" : value);
  }
}

void note_unknown(const Column& column, const std::set<std::string>& unknown,
                  std::vector<std::string>& notes) {
  if (unknown.empty()) return;
  const std::string first = concat("'", shown(*unknown.begin()), "'");
  notes.push_back(concat("column '", column.name, "': ", first,
                         unknown.size() > 1 ? concat(" and ", unknown.size() - 1, " more") : "",
                         " did not occur in training and counts as none of its values"));
}

/// The median of a feature over training samples that have it; NaN where none has.
float median_of(const Split& split, std::size_t width, std::size_t feature) {
  constexpr std::size_t most = 10000;
  const std::size_t step = (split.count + most - 1) / most;
  std::vector<float> seen;
  for (std::size_t i = 0; i < split.count; i += step)
    if (const float v = split.values[i * width + feature]; !std::isnan(v)) seen.push_back(v);
  if (seen.empty()) return std::numeric_limits<float>::quiet_NaN();
  const auto middle = seen.begin() + static_cast<std::ptrdiff_t>(seen.size() / 2);
  std::ranges::nth_element(seen, middle);
  if (seen.size() % 2 == 1) return *middle;
  return (*middle + *std::max_element(seen.begin(), middle)) / 2;
}

/// Puts the medians of the form into the places of missing numbers; returns how many there were.
std::size_t put_medians(std::vector<float>& values, const TableForm& form) {
  const std::size_t width = form.feature_names().size();
  std::size_t feature = 0, fields = 0;
  for (const Column& column : form.columns) {
    for (std::size_t at = feature; at < values.size() && !column.category; at += width)
      if (std::isnan(values[at]) && !std::isnan(column.fill)) {
        values[at] = column.fill;
        ++fields;
      }
    feature += column.features();
  }
  return fields;
}

std::size_t missing_in(const std::vector<float>& values, std::size_t width, std::size_t feature) {
  std::size_t missing = 0;
  for (std::size_t at = feature; at < values.size(); at += width) missing += std::isnan(values[at]);
  return missing;
}

}  // namespace

std::vector<float> features_of(const Table& table, const TableForm& form,
                               std::vector<std::string>& notes) {
  const std::size_t width = form.feature_names().size(), columns = table.columns.size();
  std::vector<float> values(table.rows * width);
  std::size_t feature = 0, source = 0;
  for (const Column& column : form.columns) {
    while (table.columns[source] != column.name) ++source;  // past those that are left out
    if (column.category) {
      std::set<std::string> unknown;
      put_category(column, table.texts.at(source), values.data() + feature, width, unknown);
      note_unknown(column, unknown, notes);
    }
    for (std::size_t row = 0; row < table.rows && !column.category; ++row) {
      const float value = table.values[row * columns + source];
      values[row * width + feature] = value;
      if (column.indicator) values[row * width + feature + 1] = std::isnan(value);
    }
    feature += column.features();
    ++source;
  }
  return values;
}

void fill_missing(Dataset& dataset, const std::string& what) {
  const std::size_t width = dataset.features();
  std::string names;
  std::size_t columns = 0, fields = 0, feature = 0;
  constexpr std::size_t most = 5;
  for (Column& column : dataset.table.columns) {
    if (!column.category) {
      column.fill = median_of(dataset.train, width, feature);
      if (std::isnan(column.fill))
        fail(what, ": column '", column.name, "' has no value in any training row; leave it out");
      const std::size_t missing = missing_in(dataset.train.values, width, feature) +
                                  missing_in(dataset.test.values, width, feature);
      fields += missing;
      if (missing > 0 && ++columns <= most)
        names += concat(names.empty() ? "'" : ", '", column.name, "' (", missing, ")");
    }
    feature += column.features();
  }
  if (fields == 0) return;
  put_medians(dataset.train.values, dataset.table);
  put_medians(dataset.test.values, dataset.table);
  if (columns > most) names += concat(" and ", columns - most, " more columns");
  dataset.notes.push_back(
      concat(fields, fields == 1 ? " field is" : " fields are",
             " missing and taken as the median of the training samples: ", names));
}

void fill_missing(std::vector<float>& values, const TableForm& form,
                  std::vector<std::string>& notes) {
  const std::size_t fields = put_medians(values, form);
  if (fields > 0)
    notes.push_back(concat(fields, fields == 1 ? " field is" : " fields are",
                           " missing and taken as the median of the training samples"));
}

}  // namespace rectify::data
