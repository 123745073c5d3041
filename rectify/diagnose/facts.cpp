#include "rectify/diagnose/facts.h"

#include <algorithm>
#include <cmath>
#include <memory>
#include <numeric>

#include "rectify/diagnose/unit_figures.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/remarks.h"
#include "rectify/model/weights.h"
#include "rectify/pass/differentiate.h"
#include "rectify/train/class_weights.h"
#include "rectify/train/initial_model.h"

namespace rectify::diagnose {

namespace {

constexpr std::size_t signal_samples = 128;
constexpr std::size_t start_samples = 512;

std::vector<std::uint32_t> first_of(std::span<const std::uint32_t> rows, std::size_t most,
                                    std::uint64_t seed) {
  std::vector<std::uint32_t> some = data::epoch_order(rows, seed, 0);
  some.resize(std::min(most, some.size()));
  return some;
}

Look look_at_start(const model::Model& model, const train::Options& options,
                   const data::Dataset& dataset, std::span<const std::uint32_t> rows,
                   ThreadPool& threads) {
  const auto some = first_of(rows, start_samples, options.seed);
  Look look{.inputs = some.size()};
  look.signal =
      measure_signal(model, options, dataset,
                     std::span(some).first(std::min(signal_samples, some.size())), threads);
  look.layers = measure_units(model, dataset, dataset.train, some, threads);
  return look;
}

/// The loss of the best constant answer, where a formula says it; `weights` are those of the
/// classes, empty where all are 1.
double constant_loss(const Facts& facts, std::span<const float> weights = {}) {
  if (facts.loss == "softmax_cross_entropy" || facts.loss == "sigmoid_cross_entropy")
    return weights.empty()
               ? facts.inputs.label_entropy
               : train::best_constant_answer(facts.inputs.class_counts, weights).cross_entropy;
  if (facts.loss == "mean_squared_error" && facts.inputs.class_counts.empty())
    return facts.inputs.target_deviation * facts.inputs.target_deviation;
  return 0;
}

bool answers_one_class(const model::Evaluation& e) {
  if (e.confusion.empty()) return e.regression.constant;
  std::size_t answers = 0, classes = 0;
  for (std::size_t c = 0; c < e.confusion.size(); ++c) {
    bool given = false;
    for (const auto& row : e.confusion) given |= row[c] > 0;
    answers += given;
    classes += std::ranges::any_of(e.confusion[c], [](auto n) { return n > 0; });
  }
  return answers <= 1 && classes > 1;
}

Outcome outcome_of(const model::Evaluation& held_out, double train_error) {
  return {.error = held_out.error,
          .train_error = train_error,
          .baseline_error = model::baseline_error(held_out),
          .one_answer = answers_one_class(held_out),
          .samples = held_out.samples,
          .classes = !held_out.confusion.empty()};
}

/// The probability of at most `errors` wrong ones among `samples` answers, each of them wrong with
/// probability `share`; 1 where that is no less than is expected.
double chance_of(double errors, double samples, double share) {
  constexpr double rounding = 1e-6;
  const double n = std::floor(samples + rounding), k = std::ceil(errors - rounding);
  if (n < 1 || share <= 0 || k >= n * share) return 1;
  double term = std::exp(std::lgamma(n + 1) - std::lgamma(k + 1) - std::lgamma(n - k + 1) +
                         k * std::log(share) + (n - k) * std::log(1 - share));
  double sum = 0;
  for (double i = k; i >= 0 && term > 0; --i) {
    sum += term;
    term *= i / (n - i + 1) * (1 - share) / share;
  }
  return sum;
}

constexpr double luck = 0.01;

/// Error and baseline by class weights, from a confusion [true class][predicted class].
Outcome::Weighed weighed_by(const std::vector<std::vector<std::int64_t>>& confusion,
                            std::span<const float> weights) {
  std::vector<std::int64_t> counts;
  for (const std::vector<std::int64_t>& row : confusion)
    counts.push_back(std::accumulate(row.begin(), row.end(), std::int64_t{0}));
  return {.error = train::weighted_error(confusion, weights),
          .baseline_error = train::best_constant_answer(counts, weights).error,
          .samples = train::effective_samples(counts, weights)};
}

}  // namespace

Outcome::Weighed Outcome::judged() const {
  return weighed ? *weighed : Weighed{error, baseline_error, static_cast<double>(samples)};
}

bool Outcome::beats_chance() const {
  const auto [wrong, baseline, n] = judged();
  return classes ? chance_of(wrong * n, n, baseline) <= luck : wrong < baseline;
}

bool Outcome::can_tell() const {
  const auto [wrong, baseline, n] = judged();
  return !classes || chance_of(baseline / 2 * n, n, baseline) <= luck;
}

bool Outcome::learned() const {
  const auto [wrong, baseline, n] = judged();
  return trouble.empty() && wrong < 0.9 * baseline && beats_chance();
}

bool Outcome::failed() const {
  const auto [wrong, baseline, n] = judged();
  return !(wrong < 0.97 * baseline) || (can_tell() && !beats_chance());
}

namespace {

/// The facts before training, as far as they take no time, and the network that they are of; null
/// where there is nothing to tell apart.
std::unique_ptr<model::Model> look_before(Facts& facts, const data::Dataset& dataset,
                                          std::span<const std::uint32_t> rows,
                                          ThreadPool& threads) {
  const train::Options& options = facts.options;
  const auto normalisation = data::normalisation_of(dataset, rows, threads, options.normalise);
  facts.inputs = measure_data(dataset, rows, normalisation);
  if (facts.inputs.classes_present() == 1) return {};
  auto model =
      std::make_unique<model::Model>(train::initial_model(options, dataset, rows, threads));
  if (!options.weights.empty())
    model::take_weights(options.weights, model->layout, model->parameters.data());
  facts.network = model->graph;
  facts.loss = model->loss;
  facts.relation = measure_relation(dataset, rows, model->normalisation);
  facts.start = look_at_start(*model, options, dataset, rows, threads);
  return model;
}

/// Whether a run came so far that no rate could have brought it much further (rules/rates.cpp).
bool is_done_with(const Outcome& outcome) {
  constexpr double little = 0.15;  // of the loss of a constant answer
  return outcome.learned() && !outcome.history.empty() && outcome.baseline_loss > 0 &&
         outcome.history.back().train_loss < little * outcome.baseline_loss;
}

}  // namespace

Facts facts_before(const train::Options& options, const data::Dataset& dataset,
                   ThreadPool& threads) {
  data::check(dataset);
  Facts facts{.data = dataset.spec, .options = options, .options_are_known = true};
  const auto rows = data::hold_out(dataset.train, options.validation, options.split_seed).train;
  if (const auto model = look_before(facts, dataset, rows, threads)) {
    facts.rates = test_rates(*model, options, dataset, rows, threads);
    facts.small_fit = fit_few(*model, options, dataset, rows, threads);
  }
  return facts;
}

Facts facts_of_run(const PastRun& run, const data::Dataset& dataset, ThreadPool& threads) {
  data::check(dataset);
  Facts facts{.data = dataset.spec, .options = run.options, .options_are_known = true};
  const data::Partition partition =
      data::hold_out(dataset.train, run.options.validation, run.options.split_seed);
  const auto start = look_before(facts, dataset, partition.train, threads);
  const std::vector<std::uint32_t>& watched = partition.watched;
  const Measured held_out = measure(run.last, dataset, dataset.train, watched, threads);
  const auto some = first_of(partition.train, watched.size(), run.options.seed);
  const double train_error =
      measure(run.last, dataset, dataset.train, some, threads).evaluation.error;
  Look look{.inputs = watched.size()};
  look.layers = held_out.layers;
  look.signal =
      measure_signal(run.last, run.options, dataset,
                     std::span(some).first(std::min(signal_samples, some.size())), threads);
  facts.end = std::move(look);
  Outcome outcome = outcome_of(held_out.evaluation, train_error);
  outcome.history = run.history;
  outcome.trouble = run.trouble;
  const std::vector<float> weights =
      train::class_weights(run.options.class_weights, dataset, partition.train);
  if (!weights.empty()) outcome.weighed = weighed_by(held_out.evaluation.confusion, weights);
  outcome.baseline_loss = constant_loss(facts, weights);
  const double samples_a_step = static_cast<double>(run.options.batch) * run.options.accumulate;
  outcome.steps = std::ceil(static_cast<double>(partition.train.size()) / samples_a_step) *
                  static_cast<double>(run.history.size());
  facts.outcome = std::move(outcome);
  if (start && !is_done_with(*facts.outcome))
    facts.rates = test_rates(*start, run.options, dataset, partition.train, threads);
  if (start && !facts.outcome->learned())
    facts.small_fit = fit_few(*start, run.options, dataset, partition.train, threads);
  return facts;
}

Facts facts_of_model(const model::Model& model, const data::Dataset& dataset,
                     const data::Split& split, std::span<const std::uint32_t> samples,
                     ThreadPool& threads) {
  Facts facts{.data = dataset.spec, .network = model.graph, .loss = model.loss};
  facts.options.data = dataset.spec;
  facts.options.loss = model.loss;
  std::vector<std::uint32_t> rows = model::all_samples(dataset.train.count);
  facts.inputs = measure_data(dataset, rows, model.normalisation);
  Measured measured = measure(model, dataset, split, samples, threads);
  Look look{.inputs = samples.size()};
  look.layers = std::move(measured.layers);
  if (!pass::without_gradient(model.graph) && !rows.empty()) {
    rows.resize(std::min(rows.size(), signal_samples));
    look.signal = measure_signal(model, facts.options, dataset, rows, threads);
  }
  facts.end = std::move(look);
  facts.outcome = outcome_of(measured.evaluation, std::nan(""));
  facts.outcome->baseline_loss = constant_loss(facts);
  return facts;
}

}  // namespace rectify::diagnose
