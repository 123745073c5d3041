#pragma once

#include <cstddef>
#include <limits>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// One column of a table, and the features of a sample that it becomes.
///
/// A number is one feature, and with `indicator` one more, which is 1 where the value is missing. A
/// category is one feature for each of `values`, 1 where the field is that value, and with `others`
/// one more for every other value.
struct Column {
  std::string name;  ///< its position from 0 in a table without names
  bool category = false;
  float fill = std::numeric_limits<float>::quiet_NaN();  ///< what a missing number counts as
  bool indicator = false;
  std::vector<std::string> values;  ///< of a category, ascending; "" stands for a missing field
  bool others = false;

  std::size_t features() const;
  bool operator==(const Column&) const = default;
};

/// How the rows of a table become samples. A model carries it, so that new rows become samples in
/// the same way.
struct TableForm {
  std::vector<Column> columns;  ///< those that are read, in the order of their features
  bool named = false;           ///< whether columns are found by name, not by position
  std::string target;           ///< the column of labels or targets
  std::size_t width = 0;        ///< columns of the file, all of them; 0 if unknown

  bool empty() const { return columns.empty(); }
  /// "age", "age missing", "colour=red", "colour=(missing)", "colour=(other)".
  std::vector<std::string> feature_names() const;
};

/// The form of a table of numbers alone, as models had before they carried a form.
TableForm form_of_numbers(const std::vector<std::string>& columns);

/// The form as one JSON object, and back. Throws Error for anything else.
std::string to_json(const TableForm& form);
TableForm table_form_from_json(const std::string& text);

}  // namespace rectify::data
