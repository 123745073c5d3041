#pragma once

#include <string>

namespace rectify::report {

/// The options of training for docs/contracts.md: a table in Markdown for each group, from the rows
/// of train::option_table().
std::string options_section();

/// Replaces the text between the lines `<!-- rectify options -->` and `<!-- end of rectify options
/// -->` of `document` by options_section(). Throws Error if the two lines are not there in this
/// order.
std::string with_options_section(const std::string& document);

}  // namespace rectify::report
