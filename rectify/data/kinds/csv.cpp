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
#include "rectify/data/table/unreadable.h"

namespace rectify::data::ops {

namespace {

/// What stands behind "csv:".
struct CsvSpec {
  std::string path, label;
  std::string test;  ///< the file of the test split; empty: none
  Task task = Task::automatic;
  Missing missing = Missing::median;
  bool drop_unlabelled = false;      ///< leave out rows without a label
  std::vector<std::string> ignored;  ///< columns
};

CsvSpec parse_spec(const Request& request) {
  const std::vector<std::string> known = {"task", "missing", "unlabelled", "ignore", "test"};
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
  const std::vector<std::string> ways = {"refuse", "drop"};
  spec.drop_unlabelled = options.choice("unlabelled", "refuse", ways) == "drop";
  if (const std::string ignored = options.text("ignore", ""); !ignored.empty())
    spec.ignored = split(ignored, ';');
  spec.test = options.text("test", "");
  if (spec.task == Task::automatic) spec.task = request.known.task;
  return spec;
}

/// A table and the file that it is from, for errors.
struct Source {
  Table table;
  std::string path;

  std::string where(std::size_t i) const {
    return concat("'", path, "', row ", table.row_numbers[i], ", column '", table.label_column,
                  "'");
  }
};

/// The labels as numbers; nothing when a text is among them. Throws Error for a missing label among
/// numbers.
std::optional<std::vector<double>> numbers_of(const Source& source) {
  std::vector<double> numbers;
  std::optional<std::size_t> gap;
  const std::vector<std::string>& labels = source.table.labels;
  for (std::size_t i = 0; i < labels.size(); ++i) {
    if (const auto number = number_in(labels[i]))
      numbers.push_back(*number);
    else if (is_missing(labels[i]))
      gap = gap.value_or(i);
    else
      return std::nullopt;
  }
  if (numbers.empty()) return std::nullopt;
  if (gap)
    fail(source.where(*gap),
         ": the label is missing; fill it in, or add unlabelled=drop to leave such rows out");
  return numbers;
}

std::vector<float> targets_of(const std::vector<double>& numbers, const Source& source) {
  std::vector<float> targets;
  NumberRange range;
  for (std::size_t i = 0; i < numbers.size(); ++i) {
    targets.push_back(static_cast<float>(numbers[i]));
    if (!std::isfinite(targets.back()))
      fail(source.where(i), ": ", source.table.labels[i], " is too large for a float");
    range.add(numbers[i]);
  }
  if (range.lost_in_float())
    fail("'", source.path, "', column '", source.table.label_column, "': its numbers, ",
         number_text(range.least), " to ", number_text(range.greatest),
         ", lie too close together for their size, so that floats lose the differences; subtract "
         "the least one from all");
  return targets;
}

/// Says that labels like 'NA' among texts are taken for a class.
void note_missing_labels(const Source& source, std::vector<std::string>& notes) {
  const std::vector<std::string>& labels = source.table.labels;
  const auto first = std::ranges::find_if(labels, is_missing_label);
  if (first == labels.end()) return;
  notes.push_back(concat(source.where(static_cast<std::size_t>(first - labels.begin())), ": '",
                         *first, "' is taken for a class, in ",
                         std::ranges::count_if(labels, is_missing_label),
                         " rows; unlabelled=drop leaves them out"));
}

/// Regression needs numbers: names the first label that is none.
[[noreturn]] void fail_text_target(const Source& source) {
  std::size_t i = 0;
  while (number_in(source.table.labels[i])) ++i;
  fail(source.where(i), ": '", shown(source.table.labels[i]),
       "' is not a number, so there is nothing for a regression to predict");
}

/// What numbers are, and why; whole ones may be either.
ChosenTask task_of_numbers(const std::vector<double>& numbers, bool whole, Task asked,
                           const std::string& column) {
  if (asked != Task::automatic) return {asked, {}};
  if (!whole)
    return {Task::regression, column + " holds fractions: a number is predicted (regression)"};
  return task_of_whole_numbers(std::vector<std::int64_t>(numbers.begin(), numbers.end()), column);
}

/// Makes labels or targets of the training table's and the test table's; the latter may be empty.
void set_answers(Dataset& dataset, const Source& train, const Source& test, Task asked,
                 const std::string& what) {
  const std::string column = "column '" + train.table.label_column + "'";
  const auto numbers = numbers_of(train), test_numbers = numbers_of(test);
  const bool texts = !numbers || (!test_numbers && test.table.rows > 0);
  if (texts && asked == Task::regression) fail_text_target(numbers ? test : train);
  if (texts) {
    refuse_unreadable(train.table.labels, train.where(0));
    note_missing_labels(train, dataset.notes);
    make_classes(dataset, train.table.labels, test.table.labels, what);
    if (asked == Task::automatic)
      dataset.notes.push_back(
          concat(column, " holds texts: ", dataset.classes(), " classes (classification)"));
    return;
  }
  const std::vector<double> more = test_numbers.value_or(std::vector<double>{});
  const auto whole = [](double v) { return v == std::trunc(v) && std::abs(v) < 0x1p63; };
  const bool all_whole = std::ranges::all_of(*numbers, whole) && std::ranges::all_of(more, whole);
  const ChosenTask chosen = task_of_numbers(*numbers, all_whole, asked, column);
  if (!chosen.why.empty()) dataset.notes.push_back(chosen.why);
  if (chosen.task == Task::regression) {
    dataset.target_width = 1;
    dataset.train.targets = targets_of(*numbers, train);
    dataset.test.targets = targets_of(more, test);
  } else if (all_whole) {
    using Whole = std::vector<std::int64_t>;
    make_classes(dataset, Whole(numbers->begin(), numbers->end()), Whole(more.begin(), more.end()),
                 what);
  } else {
    make_classes(dataset, train.table.labels, test.table.labels, what);
  }
}

std::string read_text(const std::string& path) {
  return unpacked(read_file(path, static_cast<std::size_t>(max_file_bytes)), path);
}

std::vector<std::string> csv_paths(const Request& request) {
  const CsvSpec spec = parse_spec(request);
  return {spec.path, spec.test};
}

Samples samples_of(const Request& request, const SampleRequest& wanted) {
  const CsvSpec spec = parse_spec(request);
  SampleRequest with_label = wanted;
  with_label.label = spec.label;
  return samples_of_csv(read_text(spec.path), with_label, spec.path);
}

/// Reads a file of the SPEC, without its incomplete rows if that is asked for.
Source read_source(const CsvSpec& spec, const std::string& path, const std::string& label,
                   const TableForm* form, std::vector<std::string>& notes) {
  const bool gaps = spec.missing == Missing::drop, drop = gaps || spec.drop_unlabelled;
  Source source{
      parse_csv(read_text(path),
                {.label = label, .labels_may_miss = drop, .ignored = spec.ignored, .form = form},
                path),
      path};
  if (!source.table.encoding.empty()) notes.push_back(encoding_note(source.table, path));
  if (!drop) return source;
  const auto unlabelled = std::ranges::count_if(source.table.labels, is_missing_label);
  if (const std::size_t dropped = drop_incomplete_rows(source.table, gaps))
    notes.push_back(concat(dropped, dropped == 1 ? " row is" : " rows are", " left out: ",
                           !gaps ? "the label is missing"
                           : unlabelled > 0
                               ? concat("a field is missing, of ", unlabelled, " the label")
                               : "a field is missing"));
  if (source.table.rows == 0)
    fail("'", path, "': ", gaps ? "a field" : "the label", " is missing in every row");
  return source;
}

Dataset open_csv(const Request& request, ThreadPool&) {
  const CsvSpec spec = parse_spec(request);
  const TableForm* known = request.known.table;
  Dataset dataset;
  const Source train = read_source(spec, spec.path, spec.label, known, dataset.notes);
  dataset.table = known ? *known : learn_form(train.table, spec.missing, spec.path, dataset.notes);
  // A position is one in the training file; the test file may have its columns in another order.
  const bool by_name = train.table.named && !parse_integer(train.table.label_column);
  const std::string& label = by_name ? train.table.label_column : spec.label;
  Source test;
  if (!spec.test.empty()) test = read_source(spec, spec.test, label, &dataset.table, dataset.notes);
  dataset.columns = dataset.table.feature_names();
  dataset.sample_shape = Shape{static_cast<std::int64_t>(dataset.columns.size())};
  dataset.train.count = train.table.rows;
  dataset.train.values = features_of(train.table, dataset.table, dataset.notes);
  dataset.test.count = test.table.rows;
  if (test.table.rows > 0)
    dataset.test.values = features_of(test.table, dataset.table, dataset.notes);
  set_answers(dataset, train, test, spec.task, request.what());
  return dataset;
}

}  // namespace

std::span<const Kind> csv() {
  static constexpr std::array all = {Kind{
      "csv", "csv:FILE:LABEL[,task=auto,missing=median,unlabelled=refuse,ignore=COLUMNS,test=FILE]",
      open_csv, samples_of, nullptr, csv_paths}};
  return all;
}

}  // namespace rectify::data::ops
