#include "rectify/lab/winner.h"

#include <algorithm>
#include <cctype>
#include <cmath>
#include <utility>

#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/report/format.h"

namespace rectify::lab {

namespace {

/// What chose the epoch whose weights are kept.
std::pair<double, double> validation_of(const RunResult& run) {
  const train::EpochRecord& best = best_epoch_of(run);
  return {best.judged_error(), best.judged_loss()};
}

}  // namespace

std::string file_stem(const std::string& activation) {
  std::string stem = activation;
  std::erase(stem, '+');  // 1e+1 is 1e1, and not 1e-1
  for (char& c : stem)
    if (!std::isalnum(static_cast<unsigned char>(c)) && c != '_' && c != '.') c = '-';
  return stem;
}

std::filesystem::path run_file(const std::filesystem::path& runs, const std::string& activation,
                               std::uint64_t seed, const std::string& ending) {
  return runs / concat(file_stem(activation), "-seed-", seed, ending);
}

void keep_winner(const std::filesystem::path& folder, Keep keep,
                 const std::vector<ActivationRuns>& all, report::Comparison& comparison) {
  const std::size_t first = report::ranking(comparison).front();
  if (!std::isfinite(comparison.activations[first].test_error.mean)) return;
  const ActivationRuns& winner = all[first];
  const auto best = std::ranges::min_element(winner.seeds, {}, validation_of);
  const auto seed = static_cast<std::uint64_t>(best - winner.seeds.begin()) + 1;
  const auto runs = folder / "runs";
  const auto weights = run_file(runs, winner.name, seed, ".safetensors");
  // A finished comparison that is resumed has only the winner's left.
  if (std::filesystem::exists(weights)) write_file(folder / "best.safetensors", read_file(weights));
  comparison.notes.push_back(
      concat("best.safetensors holds the weights of ", winner.name, ", seed ", seed,
             ": of the activation with the lowest mean test error, the seed with the lowest ",
             judged_error_name(best_epoch_of(*best)), ".",
             keep == Keep::all ? " Those of all runs are in runs/." : ""));
  if (keep == Keep::all) return;
  std::error_code ignored;
  for (const ActivationRuns& one : all)
    for (std::uint64_t at = 1; at <= one.seeds.size(); ++at)
      std::filesystem::remove(run_file(runs, one.name, at, ".safetensors"), ignored);
}

}  // namespace rectify::lab
