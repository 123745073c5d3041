#pragma once

#include <string>
#include <vector>

#include "rectify/lab/compare.h"
#include "rectify/lab/run_result.h"
#include "rectify/lab/search.h"

namespace rectify::lab {

/// All runs of one activation.
struct ActivationRuns {
  std::string name;
  std::string model;  ///< text form
  SearchResult search;
  std::vector<RunResult> seeds;
};

/// Summarises finished runs as a comparison.
report::Comparison summarise(const CompareOptions& options, const data::Dataset& dataset,
                             const std::vector<ActivationRuns>& all, int threads);

/// The epoch whose weights the run kept. The run must have stayed finite.
const train::EpochRecord& best_epoch_of(const RunResult& run);

/// What EpochRecord::judged_error() of that record is: "validation error", "validation error
/// weighted by class", ...
std::string judged_error_name(const train::EpochRecord& record);

/// The day in UTC, as YYYY-MM-DD.
std::string today();

/// Whole seconds by the clock on the wall, which may jump.
double seconds_since_1970();

}  // namespace rectify::lab
