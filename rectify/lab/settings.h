#pragma once

#include <vector>

#include "rectify/lab/compare.h"
#include "rectify/report/comparison.h"

namespace rectify::lab {

/// Every setting of a comparison, group by group. A setting of -1 is shown as the number that it
/// stands for.
std::vector<report::Setting> settings(const CompareOptions& options);

/// The same of one training run.
std::vector<report::Setting> settings_of(const train::Options& options);

}  // namespace rectify::lab
