#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// Splits a text of comma-separated values into rows and fields (RFC 4180). Fields in quotes may
/// contain separators, line ends and doubled quotes; lines end in LF or CRLF; blank lines are
/// skipped.
class CsvRows {
 public:
  /// `text` must outlive this object; `name` is for errors. The separator is the comma, semicolon
  /// or tab: the one that occurs most often in the first row.
  CsvRows(std::string_view text, std::string name);

  /// Reads the fields of the next row, without the blanks around them, in quotes or not; returns
  /// false at the end.
  /// The fields are valid until the next call. Throws Error for a quote that is not closed, or that
  /// text follows.
  bool next(std::vector<std::string_view>& fields);

  /// The number of the row that was read last. Rows count from 1 as in a spreadsheet, blank ones
  /// included.
  std::size_t row() const { return row_; }

 private:
  std::string_view quoted_field();
  std::string_view plain_field();
  bool end_field();

  std::string_view rest_;
  std::string name_;
  char separator_ = ',';
  std::size_t row_ = 0;
  std::deque<std::string> unescaped_;  ///< this row's fields that had doubled quotes
};

}  // namespace rectify::data
