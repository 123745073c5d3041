#pragma once

#include <filesystem>
#include <functional>
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

/// Runs a recipe: every cell with every seed, in `out`/cells. A cell that is finished there, by the
/// same options, data and versions, is not repeated; so an interrupted run goes on where it was.
/// What another process is measuring there is waited for. Then judges the claims and writes
/// `out`/ID/result.json. Throws Error for options of any cell that the measure refuses, before it
/// measures; Stopped when `stop` returns true; NoData as it says.
report::LabResult run_recipe(const Recipe& recipe, const ExperimentOptions& how,
                             ThreadPool& threads, const ProgressCallback& progress = {},
                             const StopCallback& stop = {});

/// Told of a result that is left out, a sentence that names its file.
using Unreadable = std::function<void(const std::string& why)>;

/// The results in the folders of `out`, in the order of recipes(), then by id. Those that cannot be
/// read are left out, and `unreadable` is told.
std::vector<report::LabResult> results_in(const std::filesystem::path& out,
                                          const Unreadable& unreadable = {});

/// Writes the pages: `out`/index.html and `out`/ID.html for each.
void write_pages(const std::vector<report::LabResult>& results, const std::filesystem::path& out);

/// Writes the pages of all results_in() the folder, which it returns; where there are none it
/// writes nothing. Processes that share the folder do it in turn, so that no page lacks what
/// another has measured.
std::vector<report::LabResult> renew_pages(const std::filesystem::path& out,
                                           const Unreadable& unreadable = {});

}  // namespace rectify::lab
