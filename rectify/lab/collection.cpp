#include "rectify/lab/collection.h"

#include <algorithm>
#include <chrono>
#include <set>

namespace rectify::lab {

std::vector<Recipe> recipes_named(const std::vector<std::string>& words) {
  std::vector<Recipe> found;
  for (const std::string& word : words) {
    if (word == "all")
      found.insert(found.end(), recipes().begin(), recipes().end());
    else
      found.push_back(find_recipe(word));
  }
  std::set<std::string> seen;
  for (const Recipe& recipe : found)
    if (!seen.insert(recipe.id).second) fail("the claim '", recipe.id, "' is named twice");
  if (found.empty()) fail("name a claim, such as anchors, or all; rectify lab list has them");
  return found;
}

Collection run_recipes(const std::vector<Recipe>& recipes, const ExperimentOptions& how,
                       ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop,
                       const std::function<void(const report::LabResult&)>& finished) {
  using Clock = std::chrono::steady_clock;
  double total = 0, done = 0;
  for (const Recipe& recipe : recipes) total += recipe.mode(how.full).seconds;
  Collection all;
  const auto begin = Clock::now();
  double skipped = 0;  // what earlier runs had done, which took no time now
  for (const Recipe& recipe : recipes) {
    const double own = recipe.mode(how.full).seconds;
    const auto recipe_begin = Clock::now();
    const auto watched = [&](const Progress& p) {
      if (!progress) return;
      Progress whole = p;
      if (recipes.size() > 1) {
        const double worked = done + own * p.done, fresh = worked - skipped;
        const double seconds = std::chrono::duration<double>(Clock::now() - begin).count();
        whole.done = worked / total;
        whole.seconds_left = fresh > 0 ? seconds / fresh * (total - worked) : -1;
      }
      progress(whole);
    };
    try {
      all.results.push_back(run_recipe(recipe, how, threads, watched, stop));
      if (finished) finished(all.results.back());
    } catch (const NoData& error) {
      if (recipes.size() == 1) throw;
      all.left_out.push_back({recipe.id, error.what()});
    }
    done += own;
    const double took = std::chrono::duration<double>(Clock::now() - recipe_begin).count();
    if (took < 0.1 * own) skipped += own;
  }
  return all;
}

}  // namespace rectify::lab
