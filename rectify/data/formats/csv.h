#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// A table of numbers, one column of which says what each row is.
struct Table {
  std::vector<std::string> columns;  ///< names of the columns of `values`; positions without names
  std::string label_column;
  std::size_t rows = 0;
  std::vector<float> values;  ///< rows x columns
  std::vector<std::string> labels;
  std::vector<std::size_t> label_rows;  ///< where each label stands, as a spreadsheet counts
};

/// Reads the text of a file of comma-separated values. `label` is the name of the column that holds
/// the labels, or its position from 0 (a number that can be a position is one). The first row is
/// taken as names when it holds `label` as one, or text where the rows below hold numbers. Throws
/// Error, naming row and column, on a value that is missing, no number or not finite, and on rows
/// of different lengths.
Table parse_csv(std::string_view text, const std::string& label, const std::string& name);

/// Whether a field stands for a value that is not there: empty, NA, NaN, null, ?, ...
bool is_missing(std::string_view field);

}  // namespace rectify::data
