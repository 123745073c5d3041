#pragma once

#include <string>

namespace rectify::report {

/// The options of training for docs/contracts.md: a table in Markdown for each group, from the rows
/// of train::option_table().
std::string options_section();

/// `document` with options_section() in place of what stands between its lines
/// `<!-- rectify options -->` and `<!-- end of rectify options -->`. Throws Error for a document
/// that has not both, in this order.
std::string with_options_section(const std::string& document);

}  // namespace rectify::report
