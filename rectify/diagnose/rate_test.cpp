#include "rectify/diagnose/rate_test.h"

#include <algorithm>
#include <cmath>
#include <functional>
#include <limits>

#include "rectify/graph/norm.h"
#include "rectify/graph/operator.h"
#include "rectify/train/feed/dataset_feed.h"
#include "rectify/train/initial_model.h"
#include "rectify/train/objective.h"
#include "rectify/train/step.h"

namespace rectify::diagnose {

namespace {

constexpr double broken = std::numeric_limits<double>::infinity();

/// Floating-point operations that all trials together may take: a second or less.
constexpr double budget = 6e10;
constexpr int most_steps = 60, least_steps = 10;
constexpr std::int64_t most_batch = 128;

/// Of one step over a sample: forward, and twice as much backward; the update counts as ten.
double flops(const graph::Graph& graph, std::int64_t batch) {
  const graph::Cost cost = graph::total_cost(graph);
  return 3 * cost.forward_flops * static_cast<double>(batch) +
         10.0 * static_cast<double>(cost.parameters);
}

/// Steps over batches of one copy of the model.
class Trial {
 public:
  Trial(const model::Model& model, const train::Options& options, const data::Dataset& dataset,
        std::span<const std::uint32_t> rows, ThreadPool& threads)
      : model_(model.graph),
        objective_(train::supervised(model.graph, train::supervision_of(options, model, dataset))),
        feed_(options, dataset, rows, model.normalisation, threads),
        step_((std::ranges::copy(model.parameters.span(), model_.parameters.data()), objective_),
              model_.layout, model_.parameters.data(), options, threads),
        rows_(rows),
        batch_(std::min<std::size_t>(static_cast<std::size_t>(options.batch), rows.size())) {
    feed_.begin_epoch(0);
    step_.begin_epoch(0);
  }

  /// The loss before the step; infinite when it could not be taken.
  double take(double rate) {
    std::vector<std::uint32_t> batch(batch_);
    for (std::uint32_t& row : batch) row = rows_[at_++ % rows_.size()];
    double loss = broken;
    try {
      step_.take(feed_, batch, rate, false,
                 [&](const run::Plan& plan, auto) { loss = plan.value(objective_.losses[0])[0]; });
    } catch (const train::NonFinite&) {
      return broken;
    }
    return loss;
  }

 private:
  model::Model model_;
  train::Objective objective_;
  train::DatasetFeed feed_;
  train::Step step_;
  std::span<const std::uint32_t> rows_;
  std::size_t batch_, at_ = 0;
};

/// The options of a trial: steps of one batch, fp32, nothing that a few steps do not tell.
train::Options plain(train::Options options) {
  options.batch = static_cast<int>(std::min<std::int64_t>(options.batch, most_batch));
  options.accumulate = 1;
  options.precision = train::Precision::fp32;
  options.ema = 0;
  return options;
}

RateTrial run_trial(Trial&& trial, double rate, int steps) {
  const int tail = std::max(2, steps / 5);
  double sum = 0;
  for (int i = 0; i < steps; ++i) {
    const double share = std::min(1.0, (i + 1) / (0.5 * steps));
    const double loss = trial.take(rate * share);
    if (!std::isfinite(loss)) return {rate, broken};
    if (i >= steps - tail) sum += loss;
  }
  return {rate, sum / tail};
}

/// More rates, where the best one is at an edge of the grid, or nothing below it learns.
void extend(RateTest& test, const std::function<RateTrial(double)>& trial_of) {
  constexpr int most_above = 8, most_below = 20;  // those that break end after a few steps
  constexpr double factor = 3.1622776601683795;
  std::vector<RateTrial>& trials = test.trials;
  const auto least = [&] { return std::ranges::min_element(trials, {}, &RateTrial::loss)->loss; };
  const auto learns = [&](const RateTrial& trial) { return trial.loss < 0.97 * test.loss_before; };
  for (int i = 0; i < most_above && std::isfinite(trials.back().loss) &&
                  (trials.back().loss <= least() || !learns(trials.back())) &&
                  trials.back().loss < 1.1 * test.loss_before;
       ++i)
    trials.push_back(trial_of(trials.back().rate * factor));
  const auto breaks = [](const RateTrial& trial) { return !std::isfinite(trial.loss); };
  const int down = std::ranges::any_of(trials, breaks) ? most_below : most_above;
  for (int i = 0; i < down && std::ranges::none_of(trials, learns); ++i)
    trials.insert(trials.begin(), trial_of(trials.front().rate / factor));
}

}  // namespace

const RateTrial& RateTest::at_asked() const {
  return *std::ranges::min_element(
      trials, {}, [&](const RateTrial& t) { return std::abs(std::log(t.rate / asked)); });
}

const RateTrial& RateTest::best() const {
  const double least = std::ranges::min_element(trials, {}, &RateTrial::loss)->loss;
  return *std::ranges::find_if(trials, [&](const RateTrial& t) { return t.loss <= 1.02 * least; });
}

double RateTest::limit() const {
  const auto best_at = std::ranges::min_element(trials, {}, &RateTrial::loss);
  const auto over = std::find_if(best_at, trials.end(),
                                 [&](const RateTrial& t) { return !(t.loss <= loss_before); });
  return over == trials.end() ? broken : over->rate;
}

RateTest test_rates(const model::Model& model, const train::Options& asked,
                    const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                    ThreadPool& threads) {
  RateTest test{.asked = asked.lr};
  const train::Options options = plain(asked);
  constexpr int below = 5, above = 3;  // rates of the grid on either side
  const double steps = budget / (below + above + 1) / flops(model.graph, options.batch);
  if (steps < least_steps || rows.empty()) return test;
  if (options.batch == 1 && graph::needs_two_samples(model.graph)) return test;
  test.steps = static_cast<int>(std::min<double>(most_steps, steps));
  const auto order = data::epoch_order(rows, options.seed, 0);
  const auto trial_of = [&](double rate) {
    return run_trial(Trial(model, options, dataset, order, threads), rate, test.steps);
  };
  Trial still(model, options, dataset, order, threads);
  constexpr int looks = 4;
  for (int i = 0; i < looks; ++i) test.loss_before += still.take(0) / looks;
  for (int i = -below; i <= above; ++i)
    test.trials.push_back(trial_of(asked.lr * std::pow(10.0, i / 2.0)));
  extend(test, trial_of);
  return test;
}

SmallFit fit_few(const model::Model& model, const train::Options& asked,
                 const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                 ThreadPool& threads) {
  constexpr std::size_t few = 16;
  train::Options options = plain(asked);
  options.optimizer = "adam";
  options.momentum = options.beta2 = -1;
  options.weight_decay = 0;
  options.decay_of.clear();
  options.batch = static_cast<int>(few);
  options.augment.clear();
  options.mixup = 0;
  options.label_smoothing = options.l1 = 0;
  const double steps = budget / 4 / flops(model.graph, static_cast<std::int64_t>(few));
  SmallFit fit;
  if (rows.size() < 2 || steps < least_steps) return fit;
  const auto some = data::epoch_order(rows, options.seed, 0);
  const std::span<const std::uint32_t> chosen(some.data(), std::min(few, some.size()));
  fit.samples = chosen.size();
  fit.steps = static_cast<int>(std::min(150.0, steps));
  Trial trial(model, options, dataset, chosen, threads);
  constexpr double rate = 0.003, known = 0.05;  // share of the loss: they are known by heart
  fit.loss_before = trial.take(0);
  for (int i = 0; i < fit.steps; ++i) {
    fit.loss_after = trial.take(rate);
    if (!std::isfinite(fit.loss_after) || fit.loss_after < known * fit.loss_before) {
      fit.steps = i + 1;
      break;
    }
  }
  return fit;
}

}  // namespace rectify::diagnose
