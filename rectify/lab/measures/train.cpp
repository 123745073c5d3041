// A network, trained as a recipe says: its test error at the epoch that validation chose, how fast
// it learned, how many of its outputs are zeros, how many of its units are dead.

#include <algorithm>
#include <chrono>
#include <cmath>
#include <limits>
#include <optional>

#include "rectify/activation/cost.h"
#include "rectify/base/error.h"
#include "rectify/base/random.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/unit_figures.h"
#include "rectify/graph/activate.h"
#include "rectify/lab/cell_training.h"
#include "rectify/lab/measure.h"
#include "rectify/lab/pretraining.h"
#include "rectify/model/remarks.h"

namespace rectify::lab::ops {

namespace {

constexpr double nothing = std::numeric_limits<double>::quiet_NaN();

/// What of a piece of work its pretraining is taken for, if it has any.
constexpr double pretraining_share = 0.4;

/// The options of a cell, started from pretrained layers where it asks for them.
struct Prepared {
  data::Dataset dataset;
  train::Options options;
  double pretraining_seconds = 0;
};

/// Nothing where the pretraining went non-finite.
std::optional<Prepared> prepared(const MeasureInput& input, std::uint64_t seed) try {
  Prepared p{.dataset = first_samples(*input.dataset, input.get<std::int64_t>("samples"),
                                      input.get<std::int64_t>("test_samples")),
             .options = training_options(input.options.at("train"), input.get<std::string>("model"),
                                         seed)};
  p.options.data = input.dataset->spec;
  const auto stack = input.get<std::string>("stack");
  if (stack.empty()) return p;
  const auto share = [&](const Progress& part) {
    input.progress({.text = "pretraining, " + part.text, .done = pretraining_share * part.done});
  };
  const Pretrained layers = pretrained(stack, input.get<int>("stack_epochs"), p.options, p.dataset,
                                       input.folder / concat("stack-", seed, ".safetensors"),
                                       input.threads, share, input.stop);
  p.options.weights = layers.weights.string();
  p.pretraining_seconds = layers.seconds;
  return p;
} catch (const train::NonFinite&) {
  return {};
}

/// The input of what follows the pretraining, if there was one: its progress begins where that
/// ended.
MeasureInput after(const Prepared& p, const MeasureInput& input) {
  if (p.pretraining_seconds == 0) return input;
  MeasureInput rest = input;
  rest.progress = [progress = input.progress](const Progress& part) {
    progress({.text = part.text, .done = pretraining_share + (1 - pretraining_share) * part.done});
  };
  return rest;
}

Json prepare(const MeasureInput& input) {
  const Json& asked = input.options.at("search");
  if (asked.empty()) return Json::object();
  const std::optional<Prepared> p = prepared(input, 0);
  if (!p) return {{"lr", nullptr}};
  return searched(asked, p->options, p->dataset, after(*p, input));
}

/// Whether a network's pre-activations were all finite.
bool is_finite(const std::vector<diagnose::LayerFigures>& layers) {
  for (const diagnose::LayerFigures& layer : layers)
    for (const diagnose::UnitFigures& unit : layer.units)
      if (!std::isfinite(unit.mean)) return false;
  return true;
}

/// The zeros among the layers' outputs, in percent.
void add_zeros(const std::vector<diagnose::LayerFigures>& layers, Measured& out) {
  report::LabSeries by_layer{.name = "zeros"};
  double zeros = 0, outputs = 0;
  for (const diagnose::LayerFigures& layer : layers) {
    const double all =
        static_cast<double>(layer.units.size()) * static_cast<double>(layer.positions);
    zeros += all * layer.zero_share();
    outputs += all;
    by_layer.x.push_back(static_cast<double>(by_layer.x.size() + 1));
    by_layer.y.push_back(100 * layer.zero_share());
    out.figures.emplace_back(concat("zeros_", by_layer.x.size()), by_layer.y.back());
  }
  out.figures.emplace_back("zeros", is_finite(layers) ? 100 * zeros / outputs : nothing);
  out.series.push_back(by_layer);
}

/// The units that are never positive, in percent, and those of them that learn nothing either. A
/// training that went non-finite left no trained network: the dead units just before the step that
/// broke it have a figure of their own, unless some sample made its outputs non-finite already.
void add_dead(const std::vector<diagnose::LayerFigures>& layers, bool finite, Measured& out) {
  report::LabSeries by_layer{.name = "dead"};
  double dead = 0, never = 0, units = 0;
  for (const diagnose::LayerFigures& layer : layers) {
    const auto count = static_cast<double>(layer.units.size());
    const auto silent = [](const diagnose::UnitFigures& unit) { return unit.largest <= 0; };
    const auto dead_here = static_cast<double>(std::ranges::count_if(
        layer.units, [&](const auto& unit) { return silent(unit) && unit.firing == 0; }));
    never += static_cast<double>(std::ranges::count_if(layer.units, silent));
    dead += dead_here;
    units += count;
    by_layer.x.push_back(static_cast<double>(by_layer.x.size() + 1));
    by_layer.y.push_back(100 * dead_here / count);
    out.figures.emplace_back(concat("dead_", by_layer.x.size()),
                             finite ? by_layer.y.back() : nothing);
  }
  out.figures.emplace_back("dead", finite ? 100 * dead / units : nothing);
  out.figures.emplace_back("never_positive", finite ? 100 * never / units : nothing);
  if (finite)
    out.series.push_back(by_layer);
  else
    out.figures.emplace_back("dead_at_break", is_finite(layers) ? 100 * dead / units : nothing);
}

/// What the layers do: zeros on the test samples with the best weights, dead units on all training
/// samples with the last.
void add_units(train::Trainer& trainer, const MeasureInput& input, bool finite, Measured& out) {
  const data::Dataset& dataset = trainer.dataset();
  const model::Model best = trainer.history().empty() ? trainer.last_model() : trainer.best_model();
  const auto figures = [&](const model::Model& model, const data::Split& split,
                           std::span<const std::uint32_t> samples) {
    return diagnose::measure_units(model, dataset, split, samples, input.threads);
  };
  add_zeros(figures(best, dataset.test, model::all_samples(dataset.test.count)), out);
  add_dead(figures(trainer.last_model(), dataset.train, trainer.partition().train), finite, out);
}

/// The share of pre-activations that are exactly 0, in millionths, over the training samples.
void add_kinks(train::Trainer& trainer, const MeasureInput& input, Measured& out) {
  const model::Model last = trainer.last_model();
  const data::Dataset& dataset = trainer.dataset();
  model::Evaluator evaluator(last.graph, last.layout, const_cast<float*>(last.parameters.data()),
                             last.loss, dataset, input.threads);
  double met = 0, all = 0;
  for (const std::string& label : evaluator.activation_labels()) {
    const graph::Node& node = last.graph.node(last.graph.find(label));
    const std::string before = last.graph.input(node, 0).label;
    for (const float z : evaluator.outputs_of(before, dataset.train, trainer.partition().watched,
                                              last.normalisation)) {
      met += z == 0 ? 1 : 0;
      all += 1;
    }
  }
  out.figures.emplace_back("met_zero", 1e6 * met / all);
}

/// The test samples with noise: normal with the standard deviation `amount` of the largest stored
/// value, or a share of the numbers set to 0.
data::Split noisy(const data::Dataset& dataset, const std::string& kind, double amount,
                  std::uint64_t seed) {
  data::Split split{.count = dataset.test.count};
  split.labels = dataset.test.labels;
  split.targets = dataset.test.targets;
  const bool bytes = dataset.test.values.empty();
  if (bytes)
    split.values.assign(dataset.test.bytes.begin(), dataset.test.bytes.end());
  else
    split.values = dataset.test.values;
  const float largest = bytes ? 255 : std::ranges::max(split.values);
  const Random random(seed, static_cast<std::uint32_t>(Stream::augment), 7);
  for (std::size_t i = 0; i < split.values.size(); ++i) {
    if (kind == "gaussian")
      split.values[i] += static_cast<float>(amount * random.normal(i)) * largest;
    else if (random.uniform(i) < amount)
      split.values[i] = 0;
  }
  return split;
}

void add_noise(train::Trainer& trainer, const MeasureInput& input, Measured& out) {
  const model::Model best = trainer.best_model();
  const data::Dataset& dataset = trainer.dataset();
  model::Evaluator evaluator(best.graph, best.layout, const_cast<float*>(best.parameters.data()),
                             best.loss, dataset, input.threads);
  for (const std::string kind : {"gaussian", "mask"}) {
    report::LabSeries series{.name = kind};
    for (const double amount : input.get<std::vector<double>>(kind)) {
      const data::Split split = noisy(dataset, kind, amount, input.seed);
      const double error =
          100 *
          evaluator.evaluate(split, model::all_samples(split.count), best.normalisation, false)
              .error;
      out.figures.emplace_back(concat("error_", kind, "_", number_text(amount)), error);
      series.x.push_back(amount);
      series.y.push_back(error);
    }
    if (!series.x.empty()) out.series.push_back(series);
  }
}

/// Keeps a result from being optimised away.
volatile float library_sink = 0;

/// Seconds of one call of the C library's function behind an activation; 0 for others.
double library_seconds(const std::string& activation) {
  using Clock = std::chrono::steady_clock;
  constexpr int calls = 4096, rounds = 50;
  double best = std::numeric_limits<double>::infinity();
  for (int round = 0; round < rounds; ++round) {
    const auto begin = Clock::now();
    float sum = 0;
    for (int i = 0; i < calls; ++i) {
      const float x = 8.0f * static_cast<float>(i * 1999 % calls) / calls - 4;
      sum += activation == "tanh" ? std::tanh(x) : 1 / (1 + std::exp(-x));
    }
    library_sink = sum;
    best = std::min(best, std::chrono::duration<double>(Clock::now() - begin).count() / calls);
  }
  return activation == "tanh" || activation == "sigmoid" ? best : 0;
}

/// What an epoch would take if each activation called the C library, on as many threads.
void add_library(train::Trainer& trainer, const MeasureInput& input, double seconds_per_epoch,
                 Measured& out) {
  const graph::Graph& graph = trainer.model().graph;
  double more = 0;
  for (const graph::NodeId id : graph::activations(graph)) {
    const activation::Row& row = graph::activation_row(graph.node(id));
    const double calls = static_cast<double>(graph.node(id).type.shape.size()) *
                         static_cast<double>(trainer.partition().train.size());
    const double call = library_seconds(std::string(row.name));
    const double ours = 1e-9 * activation::measure_cost(row, row.defaults()).forward_ns;
    if (call > 0) more += calls * (call - ours) / input.threads.threads();
  }
  out.figures.emplace_back("library_seconds_per_epoch", seconds_per_epoch + more);
}

void add_history(const std::vector<train::EpochRecord>& history, double scale, Measured& out) {
  report::LabSeries training{.name = "training error"}, validation{.name = "validation error"},
      dead{.name = "dead by epoch"};
  for (const train::EpochRecord& epoch : history) {
    const auto at = static_cast<double>(epoch.epoch);
    training.x.push_back(at);
    training.y.push_back(scale * epoch.train_error);
    validation.x.push_back(at);
    validation.y.push_back(scale * epoch.validation_error);
    double units = 0;
    for (const train::LayerRecord& layer : epoch.layers) units += layer.dead_units;
    dead.x.push_back(at);
    dead.y.push_back(epoch.layers.empty() ? 0
                                          : 100 * units / static_cast<double>(epoch.layers.size()));
  }
  for (report::LabSeries& series : std::vector{training, validation, dead})
    out.series.push_back(std::move(series));
}

Measured diverged() { return {.figures = {{"diverged", 1}, {"test_error", nothing}}}; }

Measured measure(const MeasureInput& input) {
  if (input.prepared.contains("lr") && !input.prepared.at("lr").is_number()) return diverged();
  const std::optional<Prepared> begun = prepared(input, input.seed);
  if (!begun) return diverged();
  const Prepared& p = *begun;
  const train::Options options = with_chosen(p.options, input.prepared);
  train::Trainer trainer(options, p.dataset, input.threads);
  trainer.take_weights();
  const double reach = input.get<double>("reach") / 100;
  const bool stops = input.get<bool>("stop_at_reach");
  const Training end = train_to_the_end(
      trainer, after(p, input),
      [&](const train::EpochRecord& epoch) { return stops && epoch.train_error <= reach; });
  const auto& history = trainer.history();
  if (history.empty()) {  // in its first epoch: its units are those before the step that went wrong
    Measured out = diverged();
    if (input.get<bool>("units")) add_units(trainer, input, false, out);
    return out;
  }
  const bool classes = p.dataset.classes() > 0;
  const double scale = classes ? 100 : 1;
  const model::Evaluation test = trainer.evaluate_test(true);
  const auto epochs = static_cast<double>(history.size());
  const double converged =
      end.finite ? converged_epoch(history, model::baseline_error(test)) : nothing;
  Measured out;
  const auto& best = history.at(static_cast<std::size_t>(trainer.best_epoch()) - 1);
  out.figures = {{"test_error", scale * test.error},
                 {"test_loss", test.loss},
                 {"validation_error", scale * best.validation_error},
                 {"train_error", scale * history.back().train_error},
                 {"train_loss", history.back().train_loss},
                 {"best_epoch", trainer.best_epoch()},
                 {"converged_epoch", converged},
                 {"reach_epoch", epochs_to(history, reach)},
                 {"seconds", end.seconds},
                 {"seconds_per_epoch", end.seconds / epochs},
                 {"seconds_to_converge", end.seconds / epochs * converged},
                 {"pretraining_seconds", p.pretraining_seconds},
                 {"total_seconds", end.seconds + p.pretraining_seconds},
                 {"diverged", end.finite ? 0 : 1}};
  add_history(history, scale, out);
  if (input.get<bool>("units")) add_units(trainer, input, end.finite, out);
  if (input.get<bool>("kinks")) add_kinks(trainer, input, out);
  if (input.get<bool>("library")) add_library(trainer, input, end.seconds / epochs, out);
  add_noise(trainer, input, out);
  return out;
}

}  // namespace

std::span<const Measure> train() {
  static const Measure all[] = {
      {.name = "train",
       .summary = "trains a network; its error, speed, zeros and dead units",
       .options = {{"model", "784 : repeat 3 (dense 1000 | relu) | dense 10", "the network's text"},
                   {"train", Json::object(), "options of training, by their names in JSON"},
                   {"search", Json::object(),
                    "what is chosen on validation: lr = true, and lists of values by name"},
                   {"samples", 0, "of the training split that are used; 0: all"},
                   {"test_samples", 0, "of the test split; 0: all"},
                   {"stack", "", "layers that are pretrained without labels; empty: none"},
                   {"stack_epochs", 10, "of each such layer"},
                   {"reach", 25.0, "the training error in percent that reach_epoch is about"},
                   {"stop_at_reach", false, "trains no further once it is there"},
                   {"units", false, "measures zeros and dead units, layer by layer"},
                   {"kinks", false, "counts pre-activations that are exactly 0"},
                   {"library", false,
                    "also what an epoch would take by the C library's exp and tanh"},
                   {"gaussian", Json::array(), "deviations of noise that is tested with"},
                   {"mask", Json::array(), "shares of numbers set to 0 that are tested with"}},
       .needs_data = true,
       .check = check_training,
       .prepare = prepare,
       .measure = measure}};
  return all;
}

}  // namespace rectify::lab::ops
