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

/// The day in UTC, as YYYY-MM-DD.
std::string today();

/// Whole seconds by the clock on the wall, which may jump.
double seconds_since_1970();

}  // namespace rectify::lab
