#pragma once

#include <vector>

#include "rectify/lab/compare.h"
#include "rectify/report/comparison.h"

namespace rectify::lab {

/// Every setting of a comparison, group by group. A setting of -1 is shown as the number that it
/// stands for.
std::vector<report::Setting> settings(const CompareOptions& options);

/// The same of one training run. `usual`: what the options would be if nobody had asked.
std::vector<report::Setting> settings_of(const train::Options& options, train::Options usual);

}  // namespace rectify::lab
