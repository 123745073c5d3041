#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// Whether a field looks like a date, with or without a time: 2024-03-01, 1/3/24, 01.03.2024 12:30,
/// 2024-03-01T12:30:00Z.
bool is_date(std::string_view field);

/// Whether a field looks like a number as people write it, with a comma, a unit of money or a
/// percent sign: 1,5 or 3,000.00 or $12 or 40 %.
bool is_written_number(std::string_view field);

/// Throws Error, which begins with `where`, if most of the fields that are no plain numbers
/// are dates, or numbers as people write them. Neither is a category.
void refuse_unreadable(const std::vector<std::string>& fields, const std::string& where);

}  // namespace rectify::data
