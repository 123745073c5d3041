#pragma once

#include <string>
#include <string_view>
#include <vector>

namespace rectify::data {

/// Whether a field looks like a date, with or without a time: 2024-03-01, 1/3/24, 01.03.2024 12:30,
/// 2024-03-01T12:30:00Z.
bool is_date(std::string_view field);

/// Throws Error, which begins with `where`, if most of the texts are dates.
void refuse_dates(const std::vector<std::string>& fields, const std::string& where);

}  // namespace rectify::data
