#pragma once

#include <array>
#include <string>
#include <string_view>

#include "rectify/data/dataset.h"
#include "rectify/data/formats/csv.h"

namespace rectify::data {

/// What becomes of a field without a value: the median of the training rows; the same, and one more
/// feature that says so; or its row is left out.
enum class Missing { median, indicator, drop };
constexpr std::array<std::string_view, 3> names_of(Missing) {
  return {"median", "indicator", "drop"};
}

/// Whether a label is missing. As is_missing(), but 'None' can be a class: no disorder, no defect.
bool is_missing_label(std::string_view label);

/// Leaves the rows out in which the label is missing, and with `fields` those in which any field
/// is; returns how many.
std::size_t drop_incomplete_rows(Table& table, bool fields = true);

/// Says how the rows of `table` become samples. A column with texts is a category: a value that
/// occurs in at least 2 rows and in 0.5 % of them has a feature of its own, at most 100 values
/// have, and all others share one. A column without values, or of texts that hardly repeat, is
/// left out. What was decided is added to `notes`. Throws Error, which begins with the file's
/// `name`, for dates, and for texts among numbers that are taken for mistakes: those that occur
/// once, and up to three different ones among more than 20 different numbers.
TableForm learn_form(const Table& table, Missing missing, const std::string& name,
                     std::vector<std::string>& notes);

/// The features of all rows: rows x features. A number that is missing is NaN. `notes` says which
/// texts the form does not know.
std::vector<float> features_of(const Table& table, const TableForm& form,
                               std::vector<std::string>& notes);

/// Puts the medians of the training samples (of at most 10,000, at equal distances) into the form,
/// and into the places of missing numbers in both splits; notes where there were any. Throws Error,
/// which begins with `what`, for a column without any value.
void fill_missing(Dataset& dataset, const std::string& what);

/// Puts the form's own medians into the places of missing numbers, and says in `notes` how many
/// there were.
void fill_missing(std::vector<float>& values, const TableForm& form,
                  std::vector<std::string>& notes);

}  // namespace rectify::data
