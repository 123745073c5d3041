#include "rectify/lab/search.h"

#include <algorithm>
#include <cmath>
#include <cstdio>
#include <limits>
#include <span>
#include <vector>

#include "rectify/base/error.h"
#include "rectify/base/text.h"
#include "rectify/lab/stopped.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/fill.h"
#include "rectify/train/class_weights.h"
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

struct Tried {
  double rate;
  TrialOutcome outcome;
};

/// A stretch of neighbouring rates.
struct Stretch {
  std::size_t first = 0, count = 0;
  bool has(std::size_t at) const { return at >= first && at < first + count; }
};

/// The longest stretch of rates whose error is at most `limit`; of equal ones, that with the best.
Stretch longest_stretch(const std::vector<Tried>& tried, double limit, std::size_t best) {
  Stretch longest, now;
  for (std::size_t i = 0; i < tried.size(); ++i) {
    if (!(tried[i].outcome.error <= limit)) {
      now = {};
      continue;
    }
    if (now.count++ == 0) now.first = i;
    if (now.count > longest.count || (now.count == longest.count && now.has(best))) longest = now;
  }
  return longest;
}

struct Chosen {
  std::size_t at = 0;  ///< in the rates that were tried
  bool learned = false;
  std::size_t alike = 0;
  double standard_error = 0;
};

Chosen choose(const std::vector<Tried>& tried, const Judging& judging) {
  const auto lowest = std::ranges::min_element(tried, better, &Tried::outcome);
  // The lowest rate: lower ones may train.
  if (!std::isfinite(lowest->outcome.error) || !judging.learned(lowest->outcome.error)) return {};
  const double error = judging.standard_error(lowest->outcome.error);
  const double limit = lowest->outcome.error + error;
  const Stretch flat =
      longest_stretch(tried, limit, static_cast<std::size_t>(lowest - tried.begin()));
  const auto alike =
      std::ranges::count_if(tried, [&](const Tried& one) { return one.outcome.error <= limit; });
  const std::size_t low = flat.first + (flat.count - 1) / 2, high = flat.first + flat.count / 2;
  return {better(tried[high].outcome, tried[low].outcome) ? high : low, true,
          static_cast<std::size_t>(alike), error};
}

/// Where nothing learned: the middle of the first grid, or the highest rate that did not diverge.
Chosen choose_unlearned(const std::vector<Tried>& tried, const SearchPlan& plan) {
  const auto finite = [](const Tried& one) { return std::isfinite(one.outcome.error); };
  Chosen chosen{.alike = static_cast<std::size_t>(std::ranges::count_if(tried, finite)),
                .standard_error = plan.judging.standard_error(plan.judging.constant_error)};
  const double middle = plan.grid[plan.grid.size() / 2];
  for (std::size_t i = 0; i < tried.size(); ++i)
    if (finite(tried[i]) && (tried[i].rate <= middle || chosen.at == 0)) chosen.at = i;
  return chosen;
}

/// How many labels of `samples` each class has.
std::vector<std::int64_t> label_counts(const data::Dataset& dataset,
                                       std::span<const std::uint32_t> samples) {
  std::vector<std::int64_t> counts(dataset.classes());
  for (const std::uint32_t sample : samples)
    for (const std::int32_t label : model::labels_of(dataset.train, sample))
      ++counts[static_cast<std::size_t>(label)];
  return counts;
}

/// The error of the best answer that is the same for all `samples`, as classes weigh.
double error_of_constant(const train::Options& options, const data::Dataset& dataset,
                         std::span<const std::uint32_t> samples) {
  std::vector<float> weights = train::class_weights(options.class_weights, dataset, samples);
  if (weights.empty()) weights.assign(dataset.classes(), 1);
  return train::best_constant_answer(label_counts(dataset, samples), weights).error;
}

/// Judging::equal_share of the training split.
double equal_share_of(const train::Options& options, const data::Dataset& dataset) {
  const std::vector<std::uint32_t> all = model::all_samples(dataset.train.count);
  const std::vector<float> weights = train::class_weights(options.class_weights, dataset, all);
  if (weights.empty()) return 1;
  const double told = train::effective_samples(label_counts(dataset, all), weights);
  return told > 0 ? told / static_cast<double>(dataset.train.labels.size()) : 1;
}

}  // namespace

Judging::Judging(const train::Options& options, const data::Dataset& dataset)
    : width(dataset.classes() > 0 ? static_cast<std::size_t>(dataset.label_width) : 1),
      classes(dataset.classes() > 0) {
  const data::Partition parts =
      data::hold_out(dataset.train, options.validation, options.split_seed);
  held_out = parts.validation.size();
  const std::size_t usual = held_out == 0 ? dataset.train.count / 10 : held_out;
  folds = held_out == 0 ? 0 : 1;
  samples = parts.watched.size();
  if (classes) equal_share = equal_share_of(options, dataset);
  const double told_by = static_cast<double>(usual * width) * equal_share;
  const bool in_folds = told_by < few_samples && dataset.train.count >= 2;
  if (in_folds) {
    folds = static_cast<int>(std::min<std::size_t>(usual_folds, dataset.train.count));
    samples = dataset.train.count;
  }
  if (classes && samples > 0)
    constant_error = error_of_constant(
        options, dataset, in_folds ? model::all_samples(dataset.train.count) : parts.watched);
}

double Judging::standard_error(double error) const {
  if (samples == 0) return 0;
  const double n = static_cast<double>(samples * width) * equal_share;
  if (!classes) return error / std::sqrt(2 * n);
  const double share = (error * n + 1) / (n + 2);
  return std::sqrt(share * (1 - share) / n);
}

std::string Judging::text() const {
  if (folds < 2) return {};
  return concat(
      "rates are judged by ", folds, "-fold cross-validation on all ",
      count_text(static_cast<std::int64_t>(samples)), " training samples, for ",
      held_out == 0 ? "none are" : concat("the ", held_out), " held out",
      held_out == 0 ? "" : concat(" (fewer than ", few_samples, ") would tell too little"));
}

SearchPlan::SearchPlan(const train::Options& options, const data::Dataset& dataset, double apart)
    : SearchPlan(options, apart) {
  judging = Judging(options, dataset);
}

SearchPlan::SearchPlan(const train::Options& options, double apart) : factor(apart) {
  const double usual = train::usual_rate(options);
  grid = {rounded(usual / factor), usual, rounded(usual * factor)};
  epochs = std::max(1, (options.epochs + 4) / 5);
}

SearchResult search_rate(const SearchPlan& plan,
                         const std::function<TrialOutcome(double rate)>& trial) {
  std::vector<Tried> tried;
  for (const double rate : plan.grid) tried.push_back({rate, trial(rate)});
  Chosen chosen = choose(tried, plan.judging);
  for (int i = 0; i < plan.most_extensions; ++i, chosen = choose(tried, plan.judging)) {
    const bool lowest = chosen.at == 0, highest = chosen.at + 1 == tried.size();
    if (!lowest && !highest) break;
    const double edge = tried[chosen.at].rate;
    const double rate = rounded(lowest ? edge / plan.factor : edge * plan.factor);
    tried.insert(lowest ? tried.begin() : tried.end(), {rate, trial(rate)});
  }
  if (!chosen.learned && std::isfinite(tried[chosen.at].outcome.error))
    chosen = choose_unlearned(tried, plan);
  if (!std::isfinite(tried[chosen.at].outcome.error))
    throw NothingTrains(concat("no learning rate from ", tried.front().rate, " to ",
                               tried.back().rate,
                               " trains without going non-finite; check the data, or give --lr"));
  SearchResult result{.lr = tried[chosen.at].rate};
  result.choice = {.folds = plan.judging.folds,
                   .samples = static_cast<std::int64_t>(plan.judging.samples),
                   .rates = static_cast<int>(tried.size()),
                   .alike = static_cast<int>(chosen.alike),
                   .standard_error = chosen.standard_error};
  for (const auto& [rate, outcome] : tried)
    result.trials.push_back({rate, std::isfinite(outcome.error) ? outcome.error : std::nan("")});
  return result;
}

std::string text_of(const TrialOutcome& outcome, const Judging& judging) {
  if (!std::isfinite(outcome.error)) return "went non-finite";
  const std::string error = judging.classes ? fixed_text(100 * outcome.error, 2) + " %"
                                            : "rmse " + fixed_text(outcome.error, 4);
  if (judging.folds < 2) return error + " on validation";
  return concat(error, " on ", count_text(static_cast<std::int64_t>(judging.samples)),
                " samples in ", judging.folds, " folds");
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

namespace {

Fold fold_of(const Judging& judging, const train::Options& options, const data::Dataset& dataset,
             int number) {
  const std::string rate = number_text(options.lr);
  if (judging.folds < 2) return {.name = rate, .text = rate, .parts = {}};
  data::Partition parts = data::fold_of(dataset.train, judging.folds, number, options.split_seed);
  // A last batch of one sample has no variance, which stops a batch_norm; the run itself may well
  // have none. One training sample less changes little.
  const auto batch = static_cast<std::size_t>(options.batch);
  if (batch > 1 && parts.train.size() > 1 && parts.train.size() % batch == 1)
    parts.train.pop_back();
  return {.name = concat(rate, "-fold-", number + 1, "-of-", judging.folds),
          .text = concat(rate, ", fold ", number + 1, " of ", judging.folds),
          .parts = std::move(parts)};
}

}  // namespace

TrialOutcome judge(const Judging& judging, const train::Options& options,
                   const data::Dataset& dataset,
                   const std::function<TrialOutcome(const Fold& fold)>& trial) {
  if (judging.folds < 2) return trial(fold_of(judging, options, dataset, 0));
  double error = 0, loss = 0, samples = 0;
  for (int f = 0; f < judging.folds; ++f) {
    const Fold fold = fold_of(judging, options, dataset, f);
    const TrialOutcome outcome = trial(fold);
    if (!std::isfinite(outcome.error)) return {infinity, infinity};
    const auto held = static_cast<double>(fold.parts->validation.size());
    error += held * (judging.classes ? outcome.error : outcome.error * outcome.error);
    loss += held * outcome.loss;
    samples += held;
  }
  error /= samples;
  return {judging.classes ? error : std::sqrt(error), loss / samples};
}

TrialOutcome run_trial(const train::Options& options, const data::Dataset& dataset,
                       const Fold& fold, ThreadPool& threads, const ProgressCallback& progress,
                       const StopCallback& stop) {
  try {
    train::Trainer trainer(options, dataset, threads, true, fold.parts);
    trainer.take_weights();
    while (!trainer.finished())
      if (!trainer.train_epoch(progress, stop)) throw Stopped("stopped");
    const train::EpochRecord& last = trainer.history().back();
    if (!std::isfinite(last.validation_loss)) return {infinity, infinity};
    return {last.judged_error(), last.judged_loss()};
  } catch (const train::NonFinite&) {
    return {infinity, infinity};
  }
}

}  // namespace rectify::lab
