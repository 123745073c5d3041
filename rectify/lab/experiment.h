#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "rectify/base/progress.h"
#include "rectify/base/thread_pool.h"
#include "rectify/lab/recipe.h"
#include "rectify/report/lab.h"

namespace rectify::lab {

/// How recipes are run.
struct ExperimentOptions {
  bool full = false;                        ///< the mode: full, or quick
  int seeds = 0;                            ///< 0: as many as the recipe says for the mode
  std::filesystem::path data_dir = "data";  ///< what {data} stands for in a recipe
  std::filesystem::path out;                ///< results: a folder of cells, and one for each claim
  std::string command;                      ///< that repeats one of them; the id is added
};

/// Thrown where a claim's data set is not there and nothing stands in for it.
class NoData : public Error {
 public:
  using Error::Error;
};

/// Runs a recipe: every cell with every seed, in `out`/ID/cells. A cell that is finished there, by
/// the same options, data and versions, is not repeated; so an interrupted run goes on where it
/// was. Then judges the claims and writes `out`/ID/result.json. Throws Stopped when `stop` returns
/// true, NoData as it says.
report::LabResult run_recipe(const Recipe& recipe, const ExperimentOptions& how,
                             ThreadPool& threads, const ProgressCallback& progress = {},
                             const StopCallback& stop = {});

/// The results in the folders of `out`, in the order of recipes(), then by id.
std::vector<report::LabResult> results_in(const std::filesystem::path& out);

/// Writes the pages: `out`/index.html and `out`/ID.html for each.
void write_pages(const std::vector<report::LabResult>& results, const std::filesystem::path& out);

}  // namespace rectify::lab
