#pragma once

#include <vector>

#include "rectify/lab/compare.h"
#include "rectify/report/comparison.h"

namespace rectify::lab {

/// Everything that a comparison was asked for, group by group, with the numbers that -1 stands for
/// in their place.
std::vector<report::Setting> settings(const CompareOptions& options);

}  // namespace rectify::lab
