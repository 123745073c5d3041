#include "rectify/lab/search.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <map>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/stopped.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/trainer.h"

namespace rectify::lab {

namespace {

constexpr double infinity = std::numeric_limits<double>::infinity();

/// Rounds a rate to two significant digits, so that the rate that is printed is exactly the one
/// used.
double rounded(double rate) {
  char text[32];
  std::snprintf(text, sizeof text, "%.1e", rate);
  for (char& c : text)
    if (c == ',') c = '.';  // the decimal point of some locales
  return parse_number(text).value_or(rate);
}

bool better(const TrialOutcome& a, const TrialOutcome& b) {
  return a.error < b.error || (a.error == b.error && a.loss < b.loss);
}

}  // namespace

SearchPlan::SearchPlan(const train::Options& options) {
  const double usual = train::usual_rate(options.optimizer);
  grid = {rounded(usual / factor), usual, rounded(usual * factor)};
  epochs = std::max(1, (options.epochs + 4) / 5);
}

SearchResult search_rate(const SearchPlan& plan,
                         const std::function<TrialOutcome(double rate)>& trial) {
  std::map<double, TrialOutcome> outcomes;
  for (const double rate : plan.grid) outcomes[rate] = trial(rate);
  const auto best = [&] {
    return std::ranges::min_element(
        outcomes, [](const auto& a, const auto& b) { return better(a.second, b.second); });
  };
  for (int i = 0; i < plan.most_extensions; ++i) {
    const auto at = best();
    const bool lowest = at == outcomes.begin(), highest = std::next(at) == outcomes.end();
    if (!lowest && !highest) break;
    const double rate = rounded(lowest ? at->first / plan.factor : at->first * plan.factor);
    outcomes[rate] = trial(rate);
  }
  if (!std::isfinite(best()->second.error))
    throw NothingTrains(concat("no learning rate from ", outcomes.begin()->first, " to ",
                               outcomes.rbegin()->first,
                               " trains without going non-finite; check the data, or give --lr"));
  SearchResult result{.lr = best()->first};
  for (const auto& [rate, outcome] : outcomes)
    result.trials.push_back({rate, std::isfinite(outcome.error) ? outcome.error : std::nan("")});
  return result;
}

std::string text_of(const TrialOutcome& outcome) {
  if (!std::isfinite(outcome.error)) return "went non-finite";
  return fixed_text(100 * outcome.error, 2) + " % on validation";
}

train::Options trial_options(const train::Options& options, const SearchPlan& plan, double rate) {
  train::Options trial = options;
  trial.lr = rate;
  trial.epochs = plan.epochs;
  if (options.warmup > 0) trial.warmup = options.warmup * plan.epochs / options.epochs;
  trial.step_every = std::max(1, options.step_every * plan.epochs / options.epochs);
  trial.restart_every = std::max(0.1, options.restart_every * plan.epochs / options.epochs);
  trial.plateau_patience = std::max(1, options.plateau_patience * plan.epochs / options.epochs);
  trial.patience = 0;
  trial.seed = 0;  // not one of the seeds that are reported
  return trial;
}

TrialOutcome run_trial(const train::Options& options, const data::Dataset& dataset,
                       ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop) {
  try {
    train::Trainer trainer(options, dataset, threads);
    trainer.take_weights();
    while (!trainer.finished())
      if (!trainer.train_epoch(progress, stop)) throw Stopped("stopped");
    const train::EpochRecord& last = trainer.history().back();
    if (!std::isfinite(last.validation_loss)) return {infinity, infinity};
    return {last.validation_error, last.validation_loss};
  } catch (const train::NonFinite&) {
    return {infinity, infinity};
  }
}

}  // namespace rectify::lab
