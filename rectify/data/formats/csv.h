#pragma once

#include <cstddef>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// A table of numbers with a column of labels.
struct Table {
  std::vector<std::string> columns;  ///< names of the columns of `values`; positions if unnamed
  std::string label_column;
  std::size_t rows = 0;
  std::vector<float> values;  ///< rows x columns
  std::vector<std::string> labels;
  std::vector<std::size_t> label_rows;  ///< the row of each label, as a spreadsheet counts rows
};

/// Reads the text of a file of comma-separated values. `label` is the column of the labels: its
/// name, or its position from 0 (a number that can be a position is one). The first row gives the
/// column names if `label` is one of them, or if it has text where the rows below have numbers.
/// Throws Error, which names row and column, for a value that is missing, not a number or not
/// finite, and for rows of different lengths.
Table parse_csv(std::string_view text, const std::string& label, const std::string& name);

/// Whether a field stands for a missing value: empty, NA, NaN, null, ?, ...
bool is_missing(std::string_view field);

}  // namespace rectify::data
