// A network with smooth activations, trained; then rectifiers in their place (lab/relufy): what
// that costs in error, how many zeros it brings, and how much faster samples are answered then.

#include <cmath>
#include <limits>

#include "rectify/base/text.h"
#include "rectify/diagnose/heal/surgery.h"
#include "rectify/lab/cell_training.h"
#include "rectify/lab/inference_speed.h"
#include "rectify/lab/measure.h"
#include "rectify/lab/relufy/relufy.h"

namespace rectify::lab::ops {

namespace {

/// The share of the progress that the first training takes.
constexpr double first_share = 0.5;
/// The rate after a swap, as a share of the one that the network was trained with; as
/// `rectify relufy` has it.
constexpr double rate_after_swap = 0.3;

data::Dataset swap_data(const MeasureInput& input) {
  return first_samples(*input.dataset, input.get<std::int64_t>("samples"),
                       input.get<std::int64_t>("test_samples"));
}

train::Options first_training(const MeasureInput& input, std::uint64_t seed) {
  return training_options(input.options.at("train"), input.get<std::string>("model"), seed);
}

Json search_before_swap(const MeasureInput& input) {
  return searched(input.options.at("search"), first_training(input, 0), swap_data(input), input);
}

RelufyOptions swap_options(const MeasureInput& input, const train::Options& first) {
  RelufyOptions options{.zeros = input.get<double>("zeros"), .training = first};
  if (!input.get<bool>("shifted")) options.shift = 0;
  options.training.epochs = input.get<int>("epochs_after");
  options.training.lr = rate_after_swap * first.lr;
  options.training.schedule = train::Schedule::cosine;
  options.training.warmup = -1;
  return options;
}

void add_swap(const Relufied& result, Measured& out) {
  double before = 0, after = 0;
  report::LabSeries by_layer{.name = "zeros"};
  for (const RelufiedLayer& layer : result.layers) {
    before += 100 * layer.zeros_before;
    after += 100 * layer.zeros_after;
    by_layer.x.push_back(static_cast<double>(by_layer.x.size() + 1));
    by_layer.y.push_back(100 * layer.zeros_after);
  }
  const auto layers = static_cast<double>(result.layers.size());
  out.figures = {{"error_before", 100 * result.before.test},
                 {"test_error", 100 * result.after.test},
                 {"error_swapped", 100 * result.layers.back().swapped},
                 {"zeros_before", before / layers},
                 {"zeros", after / layers},
                 {"diverged", 0}};
  out.series.push_back(std::move(by_layer));
}

/// Both networks in turns, so that a busy moment of the machine meets both.
void add_speeds(const model::Model& smooth, const model::Model& sparse,
                const data::Dataset& dataset, const MeasureInput& input, Measured& out) {
  for (const double batch : input.get<std::vector<double>>("batches")) {
    constexpr int turns = 3;
    double best_before = 0, best_after = 0;
    for (int turn = 0; turn < turns; ++turn) {
      const auto count = static_cast<std::int64_t>(batch);
      best_before = std::max(
          best_before, inference_speed(diagnose::copy_of(smooth), dataset, count, input.threads));
      best_after = std::max(
          best_after, inference_speed(diagnose::copy_of(sparse), dataset, count, input.threads));
    }
    out.figures.emplace_back(concat("answers_before_", number_text(batch)), best_before);
    out.figures.emplace_back(concat("answers_", number_text(batch)), best_after);
  }
}

Measured swap_diverged() {
  return {.figures = {{"diverged", 1}, {"test_error", std::numeric_limits<double>::quiet_NaN()}}};
}

Measured measure_swap(const MeasureInput& input) {
  if (input.prepared.contains("lr") && !input.prepared.at("lr").is_number()) return swap_diverged();
  const data::Dataset dataset = swap_data(input);
  const train::Options options = with_chosen(first_training(input, input.seed), input.prepared);
  train::Trainer trainer(options, dataset, input.threads);
  const auto part = [&](double from, double share) {
    return [&input, from, share](const Progress& p) {
      input.progress({.text = p.text, .done = from + share * p.done});
    };
  };
  MeasureInput first = input;
  first.progress = part(0, first_share);
  train_to_the_end(trainer, first);
  if (trainer.history().empty()) return swap_diverged();
  const model::Model smooth = trainer.best_model();
  try {
    const Relufied result = relufy(smooth, dataset, swap_options(input, options), input.threads,
                                   part(first_share, 1 - first_share), input.stop);
    Measured out;
    add_swap(result, out);
    add_speeds(smooth, result.model, dataset, input, out);
    return out;
  } catch (const train::NonFinite&) {
    return swap_diverged();
  }
}

}  // namespace

std::span<const Measure> relufied() {
  static const Measure all[] = {
      {.name = "relufied",
       .summary = "rectifiers in place of a trained network's smooth activations",
       .options = {{"model", "784 : repeat 2 (dense 512 | gelu) | dense 10", "the network's text"},
                   {"train", Json::object(), "options of training, by their names in JSON"},
                   {"search", Json::object(), "what is chosen on validation: lr = true, ..."},
                   {"samples", 0, "of the training split that are used; 0: all"},
                   {"test_samples", 0, "of the test split; 0: all"},
                   {"epochs_after", 4, "of training after each layer"},
                   {"shifted", true, "relu(x - b) with each layer's own b, for more zeros"},
                   {"zeros", 0.9, "the share of zeros that b is chosen for"},
                   {"batches", Json::array(), "samples at once, for which speeds are measured"}},
       .needs_data = true,
       .check = check_training,
       .prepare = search_before_swap,
       .measure = measure_swap}};
  return all;
}

}  // namespace rectify::lab::ops
