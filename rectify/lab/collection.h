#pragma once

#include <functional>
#include <string>
#include <vector>

#include "rectify/lab/experiment.h"

namespace rectify::lab {

/// A claim that could not be measured, and why.
struct LeftOut {
  std::string id, why;
  bool no_data = false;  ///< its data are not there; otherwise something went wrong
};

/// Several recipes, one after the other.
struct Collection {
  std::vector<report::LabResult> results;
  std::vector<LeftOut> left_out;
};

/// The recipes that words on a command line name: ids, files that end in .toml, or `all`. Throws
/// Error for an unknown word, and for one that stands twice.
std::vector<Recipe> recipes_named(const std::vector<std::string>& words);

/// Runs them. The progress is that of all together, its time weighted by what each recipe says that
/// it takes. A recipe that cannot be run, because its data are not there or for another reason, is
/// left out, and the others go on; where it is the only one, it throws. `finished` is told of each
/// result. Throws Stopped, and WriteError where there is no room for results.
Collection run_recipes(const std::vector<Recipe>& recipes, const ExperimentOptions& how,
                       ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop,
                       const std::function<void(const report::LabResult&)>& finished = {});

}  // namespace rectify::lab
