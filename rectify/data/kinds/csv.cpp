// csv:FILE:LABEL: a table of numbers and texts with a column of labels.

#include "rectify/data/formats/csv.h"

#include <algorithm>
#include <array>
#include <cmath>
#include <optional>
#include <span>
#include <string>
#include <vector>

#include "rectify/base/enumeration.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/data/formats/source.h"
#include "rectify/data/kinds.h"
#include "rectify/data/options.h"
#include "rectify/data/splits/classes.h"
#include "rectify/data/table/learn.h"

namespace rectify::data::ops {

namespace {

/// What stands behind "csv:".
struct CsvSpec {
  std::string path, label;
  Task task = Task::automatic;
  Missing missing = Missing::median;
};

CsvSpec parse_spec(const Request& request) {
  const std::vector<std::string> known = {"task", "missing"};
  std::string given;
  const std::string place = split_trailing_options(request.argument, known, given);
  const Options options(request.what(), given, known);
  const std::size_t colon = place.rfind(':');
  if (colon == std::string::npos || colon == 0 || colon + 1 == place.size())
    fail(request.what(),
         ": name the file and the column of its labels, by name or from 0, as in csv:FILE:LABEL");
  CsvSpec spec{.path = place.substr(0, colon), .label = place.substr(colon + 1)};
  spec.task = *from_name<Task>(options.choice("task", "auto", all_names<Task>()));
  spec.missing = *from_name<Missing>(options.choice("missing", "median", all_names<Missing>()));
  if (spec.task == Task::automatic) spec.task = request.known.task;
  return spec;
}

/// The labels as numbers; nothing when a text is among them. Throws Error for a missing label among
/// numbers.
std::optional<std::vector<double>> numbers_of(const Table& table, const std::string& path) {
  std::vector<double> numbers;
  std::optional<std::size_t> gap;
  for (std::size_t i = 0; i < table.labels.size(); ++i) {
    if (const auto number = number_in(table.labels[i]))
      numbers.push_back(*number);
    else if (is_missing(table.labels[i]))
      gap = gap.value_or(i);
    else
      return std::nullopt;
  }
  if (numbers.empty()) return std::nullopt;
  if (gap)
    fail("'", path, "', row ", table.row_numbers[*gap], ", column '", table.label_column,
         "': the label is missing; fill it in, leave the row out or add missing=drop");
  return numbers;
}

void set_targets(Dataset& dataset, const std::vector<double>& numbers, const Table& table,
                 const std::string& path) {
  dataset.target_width = 1;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    dataset.train.targets.push_back(static_cast<float>(numbers[i]));
    if (!std::isfinite(dataset.train.targets.back()))
      fail("'", path, "', row ", table.row_numbers[i], ", column '", table.label_column,
           "': ", table.labels[i], " is too large for a float");
  }
}

/// Regression needs numbers: names the first label that is none.
[[noreturn]] void fail_text_target(const Table& table, const std::string& path) {
  std::size_t i = 0;
  while (number_in(table.labels[i])) ++i;
  fail("'", path, "', row ", table.row_numbers[i], ", column '", table.label_column, "': '",
       shown(table.labels[i]), "' is not a number, so there is nothing for a regression to predict");
}

void set_answers(Dataset& dataset, const Table& table, const CsvSpec& spec,
                 const std::string& what) {
  const std::string column = "column '" + table.label_column + "'";
  const std::optional<std::vector<double>> numbers = numbers_of(table, spec.path);
  if (!numbers) {
    if (spec.task == Task::regression) fail_text_target(table, spec.path);
    make_classes(dataset, table.labels, std::vector<std::string>{}, what);
    if (spec.task == Task::automatic)
      dataset.notes.push_back(concat(column, " holds texts: ", dataset.classes(),
                                     " classes (classification)"));
    return;
  }
  const auto whole = [](double v) { return v == std::trunc(v) && std::abs(v) < 0x1p63; };
  const bool all_whole = std::ranges::all_of(*numbers, whole);
  ChosenTask chosen{spec.task, {}};
  if (spec.task == Task::automatic && all_whole)
    chosen = task_of_whole_numbers(std::vector<std::int64_t>(numbers->begin(), numbers->end()),
                                   column);
  else if (spec.task == Task::automatic)
    chosen = {Task::regression, column + " holds fractions: a number is predicted (regression)"};
  if (!chosen.why.empty()) dataset.notes.push_back(chosen.why);
  if (chosen.task == Task::regression)
    set_targets(dataset, *numbers, table, spec.path);
  else if (all_whole)
    make_classes(dataset, std::vector<std::int64_t>(numbers->begin(), numbers->end()),
                 std::vector<std::int64_t>{}, what);
  else
    make_classes(dataset, table.labels, std::vector<std::string>{}, what);
}

Dataset open_csv(const Request& request, ThreadPool&) {
  const CsvSpec spec = parse_spec(request);
  const std::string text =
      unpacked(read_file(spec.path, static_cast<std::size_t>(max_file_bytes)), spec.path);
  const TableForm* known = request.known.table;
  Table table = parse_csv(text,
                          {.label = spec.label,
                           .labels_may_miss = spec.missing == Missing::drop,
                           .form = known},
                          spec.path);
  Dataset dataset;
  if (spec.missing == Missing::drop) {
    if (const std::size_t dropped = drop_incomplete_rows(table))
      dataset.notes.push_back(
          concat(dropped, dropped == 1 ? " row is" : " rows are", " left out: a field is missing"));
    if (table.rows == 0) fail("'", spec.path, "': a field is missing in every row");
  }
  dataset.table = known ? *known : learn_form(table, spec.missing, spec.path, dataset.notes);
  dataset.columns = dataset.table.feature_names();
  dataset.sample_shape = Shape{static_cast<std::int64_t>(dataset.columns.size())};
  dataset.train.count = table.rows;
  dataset.train.values = features_of(table, dataset.table, dataset.notes);
  set_answers(dataset, table, spec, request.what());
  return dataset;
}

}  // namespace

std::span<const Kind> csv() {
  static constexpr std::array all = {
      Kind{"csv", "csv:FILE:LABEL[,task=auto,missing=median]", open_csv}};
  return all;
}

}  // namespace rectify::data::ops
