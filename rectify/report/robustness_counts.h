#pragma once

#include <string>
#include <vector>

#include "rectify/report/robustness.h"

/// What the text, the JSON and the page of a robustness count alike.
namespace rectify::report {

verify::FateCounts counts_of(const Robustness& found);
std::vector<verify::FateCounts> counts_by_class(const Robustness& found);

/// "each number changed by at most 0.1 of the range".
std::string change_text(const Robustness& found);

}  // namespace rectify::report
