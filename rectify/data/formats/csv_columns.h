#pragma once

#include <cstddef>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "rectify/data/formats/csv.h"

namespace rectify::data {

/// Where in a row the columns stand that a request asks for.
struct CsvColumns {
  std::vector<std::string> names;     ///< the fields of the first row, the second 'a' as 'a (2)'
  std::optional<bool> named;          ///< whether the first row holds names; nothing: not known yet
  std::vector<std::size_t> features;  ///< fields of `values`
  std::vector<bool> category;         ///< with a form, for each of these: whether it is one
  std::optional<std::size_t> label, id;
  std::vector<std::string> unused;
};

/// Finds them by the first row. Throws Error for a column that is not there, or is there twice.
CsvColumns find_columns(const std::vector<std::string_view>& first, const TableRequest& request,
                        const std::string& name);

}  // namespace rectify::data
