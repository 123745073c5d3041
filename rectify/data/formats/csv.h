#pragma once

#include <algorithm>
#include <cstddef>
#include <limits>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/table/form.h"

namespace rectify::data {

/// What is wanted of a file of comma-separated values.
struct TableRequest {
  std::string label;             ///< column of the labels, by name or position; empty: none
  std::string id;                ///< a column that is carried along as text; empty: none
  bool labels_may_miss = false;  ///< otherwise an empty label is an error
  /// Without a form, columns that are not wanted, by name or position.
  std::vector<std::string> ignored = {};
  const TableForm* form = nullptr;  ///< the columns that a model knows; null: all others are wanted
};

/// A table as its file has it: numbers, texts, and what is missing.
struct Table {
  /// Names of the columns of `values`: those of the form, if there is one; positions if unnamed.
  std::vector<std::string> columns;
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
  std::string encoding;                  ///< of the file, where it was not UTF-8
};

/// The least and the greatest of some numbers.
struct NumberRange {
  double least = std::numeric_limits<double>::infinity();
  double greatest = -std::numeric_limits<double>::infinity();

  void add(double number) {
    least = std::min(least, number);
    greatest = std::max(greatest, number);
  }
  /// Whether floats keep too little of the differences: fewer than 256 steps from end to end.
  bool lost_in_float() const;
};

/// Reads the text of a file of comma-separated values. A column is given by its name, or by its
/// position from 0 (a number that can be a position is one). The first row gives the column names
/// if one of the names asked for stands in it, if it has text where the rows below have numbers, or
/// if its texts occur in no row below, for which its label is asked first. A second column of a
/// name is called 'name (2)'. Files in Windows-1252 and UTF-16 are decoded. Throws Error, which
/// names row and column, for a number that is not finite, for rows of different lengths, for a
/// column that is asked for and not there, for numbers of which a float loses the differences, and
/// for a text where the form has a number.
Table parse_csv(std::string_view text, const TableRequest& request, const std::string& name);

/// The number that a field holds; nothing when it holds none.
std::optional<double> number_in(std::string_view field);

/// Whether a field stands for a missing value: empty, NA, NaN, null, ?, ...
bool is_missing(std::string_view field);

/// "'t.csv' is not in UTF-8 and was read as Windows-1252"
std::string encoding_note(const Table& table, const std::string& name);

/// A field as messages show it: long texts are cut off.
std::string shown(std::string_view field);

}  // namespace rectify::data
