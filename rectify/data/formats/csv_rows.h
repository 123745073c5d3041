#pragma once

#include <cstddef>
#include <deque>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// Takes a text of comma-separated values apart, row by row (RFC 4180): fields in quotes may hold
/// separators, line ends and doubled quotes; lines end in LF or CRLF; blank lines are skipped.
class CsvRows {
 public:
  /// `text` must outlive this object; `name` is for errors. The separator is the comma, semicolon
  /// or tab that the first row has most of.
  CsvRows(std::string_view text, std::string name);

  /// The next row's fields, without the blanks around them; false at the end. They are good until
  /// the next call. Throws Error on a quote that is not closed or that text follows.
  bool next(std::vector<std::string_view>& fields);

  /// The row that was read last, counted from 1 as a spreadsheet does, blank ones included.
  std::size_t row() const { return row_; }

 private:
  std::string_view quoted_field();
  std::string_view plain_field();
  bool end_field();

  std::string_view rest_;
  std::string name_;
  char separator_ = ',';
  std::size_t row_ = 0;
  std::deque<std::string> unescaped_;  ///< of this row's fields with doubled quotes
};

}  // namespace rectify::data
