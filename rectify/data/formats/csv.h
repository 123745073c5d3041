#pragma once

#include <cstddef>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/table/form.h"

namespace rectify::data {

/// What is wanted of a file of comma-separated values.
struct TableRequest {
  std::string label;                ///< column of the labels, by name or position; empty: none
  std::string id;                   ///< a column that is carried along as text; empty: none
  bool labels_may_miss = false;     ///< otherwise an empty label is an error
  const TableForm* form = nullptr;  ///< the columns that a model knows; null: all are wanted
};

/// A table as its file has it: numbers, texts, and what is missing.
struct Table {
  std::vector<std::string> columns;  ///< names of the columns of `values`; positions if unnamed
  bool named = false;
  std::size_t width = 0;  ///< fields of a row of the file
  std::size_t rows = 0;
  std::vector<float> values;  ///< rows x columns; NaN where a field is missing or a text
  /// The fields of all rows, for each column (its place in `columns`) that holds texts.
  std::map<std::size_t, std::vector<std::string>> texts;
  std::string label_column;              ///< empty: none
  std::vector<std::string> labels;       ///< one a row, where there is a label column
  std::vector<std::string> ids;          ///< one a row, where an id was asked for
  std::vector<std::size_t> row_numbers;  ///< of each row, as a spreadsheet counts
  std::vector<std::string> unused;       ///< columns that the form does not know
};

/// Reads the text of a file of comma-separated values. A column is given by its name, or by its
/// position from 0 (a number that can be a position is one). The first row gives the column names
/// if one of the names asked for stands in it, if it has text where the rows below have numbers, or
/// if its texts occur in no row below. Throws Error, which names row and column, for a number that
/// is not finite, for rows of different lengths, for a column that is asked for and not there, and
/// for a text where the form has a number.
Table parse_csv(std::string_view text, const TableRequest& request, const std::string& name);

/// The number that a field holds; nothing when it holds none.
std::optional<double> number_in(std::string_view field);

/// Whether a field stands for a missing value: empty, NA, NaN, null, ?, ...
bool is_missing(std::string_view field);

/// A field as messages show it: long texts are cut off.
std::string shown(std::string_view field);

}  // namespace rectify::data
