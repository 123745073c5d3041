// csv:FILE:LABEL: a table of numbers with a column of labels.

#include "rectify/data/formats/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/kinds.h"
#include "rectify/data/splits/classes.h"

namespace rectify::data::ops {

namespace {

/// The labels as numbers; nothing when they are text. Throws Error for a missing label among
/// numbers.
std::optional<std::vector<double>> numbers_of(const Table& table, const std::string& path) {
  std::vector<double> numbers;
  std::optional<std::size_t> gap;
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    if (const auto number = parse_number(table.labels[i]))
      numbers.push_back(*number);
    else if (is_missing(table.labels[i]))
      gap = gap.value_or(i);
    else
      return std::nullopt;
  }
  if (numbers.empty()) return std::nullopt;
  if (gap)
    fail("'", path, "', row ", table.label_rows[*gap], ", column '", table.label_column,
         "': the label is missing; fill it in or leave the row out");
  return numbers;
}

void set_targets(Dataset& dataset, const std::vector<double>& numbers, const Table& table,
                 const std::string& path) {
  dataset.target_width = 1;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    dataset.train.targets.push_back(static_cast<float>(numbers[i]));
    if (!std::isfinite(dataset.train.targets.back()))
      fail("'", path, "', row ", table.label_rows[i], ", column '", table.label_column,
           "': ", table.labels[i], " is too large for a float");
  }
}

Dataset open_csv(const Request& request, ThreadPool&) {
  const std::size_t colon = request.argument.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == request.argument.size())
    fail(request.what(),
         ": name the file and the column of its labels, by name or from 0, as in csv:FILE:LABEL");
  const std::string path = request.argument.substr(0, colon);
  const std::string text =
      unpacked(read_file(path, static_cast<std::size_t>(max_file_bytes)), path);
  Table table = parse_csv(text, request.argument.substr(colon + 1), path);
  Dataset dataset;
  dataset.sample_shape = Shape{static_cast<std::int64_t>(table.columns.size())};
  dataset.train.count = table.rows;
  dataset.train.values = std::move(table.values);
  dataset.columns = table.columns;
  const std::optional<std::vector<double>> numbers = numbers_of(table, path);
  const auto whole = [](double v) { return v == std::trunc(v) && std::abs(v) < 0x1p63; };
  if (!numbers) {
    make_classes(dataset, table.labels, std::vector<std::string>{}, request.what());
  } else if (std::all_of(numbers->begin(), numbers->end(), whole)) {
    const std::vector<std::int64_t> labels(numbers->begin(), numbers->end());
    make_classes(dataset, labels, std::vector<std::int64_t>{}, request.what());
  } else {
    set_targets(dataset, *numbers, table, path);
  }
  return dataset;
}

}  // namespace

std::span<const Kind> csv() {
  static constexpr std::array all = {Kind{"csv", "csv:FILE:LABEL", open_csv}};
  return all;
}

}  // namespace rectify::data::ops
