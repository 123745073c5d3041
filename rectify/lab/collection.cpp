#include "rectify/lab/collection.h"

#include <algorithm>
#include <chrono>
#include <set>

#include "rectify/base/file.h"
#include "rectify/lab/stopped.h"
#include "rectify/lab/time_left.h"

namespace rectify::lab {

namespace {

template <class Kind>
bool is_a(const Error& error) {
  return dynamic_cast<const Kind*>(&error) != nullptr;
}

/// Whether the other recipes would meet it too.
bool concerns_all(const Error& error) { return is_a<Stopped>(error) || is_a<WriteError>(error); }

}  // namespace

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
  double total = 0, done = 0;
  for (const Recipe& recipe : recipes) total += recipe.mode(how.full).seconds;
  Collection all;
  TimeLeft left(total);
  const auto begin = std::chrono::steady_clock::now();
  for (const Recipe& recipe : recipes) {
    const double own = recipe.mode(how.full).seconds;
    const auto watched = [&](const Progress& p) {
      if (!progress) return;
      Progress whole = p;
      if (recipes.size() > 1) {
        const double worked = done + own * p.done;
        const std::chrono::duration<double> now = std::chrono::steady_clock::now() - begin;
        left.tell(worked, now.count());
        whole.done = worked / total;
        whole.seconds_left = left.seconds();
      }
      progress(whole);
    };
    try {
      all.results.push_back(run_recipe(recipe, how, threads, watched, stop));
      if (finished) finished(all.results.back());
    } catch (const Error& error) {
      if (recipes.size() == 1 || concerns_all(error)) throw;
      all.left_out.push_back({recipe.id, error.what(), is_a<NoData>(error)});
    }
    done += own;
  }
  return all;
}

}  // namespace rectify::lab
