#pragma once

#include <string>
#include <utility>
#include <vector>

#include "rectify/lab/compare.h"
#include "rectify/pretrain/options.h"
#include "rectify/report/comparison.h"

namespace rectify::lab {

/// Every setting of a comparison, group by group. A setting of -1 is shown as the number that it
/// stands for.
std::vector<report::Setting> settings(const CompareOptions& options);

/// The same of one training run. `usual`: what the options would be if nobody had asked.
std::vector<report::Setting> settings_of(const train::Options& options, train::Options usual);

/// The same of a pretraining: what its layers read.
std::vector<report::Setting> settings_of(const pretrain::Options& options,
                                         const data::Dataset& dataset);

/// What a page says of the data and of the machine that it was made on.
std::vector<std::pair<std::string, std::string>> data_facts(const data::Dataset& dataset,
                                                            const data::Partition& partition);
std::vector<std::pair<std::string, std::string>> machine_facts();

}  // namespace rectify::lab
