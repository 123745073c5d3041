#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rectify/lab/experiment.h"

namespace rectify::lab {

/// A claim that could not be measured, and why.
struct LeftOut {
  std::string id, why;
};

/// Several recipes, one after the other.
struct Collection {
  std::vector<report::LabResult> results;
  std::vector<LeftOut> left_out;  ///< their data are not there
};

/// The recipes that words on a command line name: ids, files that end in .toml, or `all`. Throws
/// Error for an unknown word, and for one that stands twice.
std::vector<Recipe> recipes_named(const std::vector<std::string>& words);

/// Runs them. The progress is that of all together, its time weighted by what each recipe says that
/// it takes. A recipe whose data are not there is left out, unless it is the only one.
/// `finished` is told of each result.
Collection run_recipes(const std::vector<Recipe>& recipes, const ExperimentOptions& how,
                       ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop,
                       const std::function<void(const report::LabResult&)>& finished = {});

}  // namespace rectify::lab
