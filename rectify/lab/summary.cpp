#include "rectify/lab/summary.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>

#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/machine.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/lab/settings.h"
#include "rectify/lab/statistics.h"
#include "rectify/report/format.h"
#include "rectify/run/backend.h"

namespace rectify::lab {

namespace {

const double nan = std::nan("");

report::Summary summary_of(const std::vector<double>& values) {
  const Spread s = spread(values);
  return {s.mean, s.sd, values};
}

/// Mean over seeds of what `figure` says of each run.
double mean_of(const std::vector<RunResult>& runs,
               const std::function<double(const RunResult&)>& figure) {
  double sum = 0;
  for (const RunResult& run : runs) sum += figure(run);
  return sum / static_cast<double>(runs.size());
}

/// The record of that label. Throws Error if there is none: then the runs are of different
/// networks.
template <class Record>
const Record& labelled(const std::vector<Record>& records, std::string Record::*label,
                       const std::string& wanted) {
  const auto found = std::ranges::find(records, wanted, label);
  if (found == records.end())
    fail("a finished run has no record of '", wanted,
         "', so that it is of another network; delete the files in runs/ to repeat the runs");
  return *found;
}

const train::LayerRecord& layer_of(const train::EpochRecord& epoch, const std::string& label) {
  return labelled(epoch.layers, &train::LayerRecord::label, label);
}

/// The gradient norm of the weight that feeds the layer; NaN if no weight does.
double gradient_norm(const train::EpochRecord& epoch, const std::string& label) {
  const std::string& weight = layer_of(epoch, label).weight;
  if (weight.empty()) return nan;
  return labelled(epoch.gradients, &train::GradientRecord::weight, weight).norm;
}

std::vector<report::Epoch> mean_history(const std::vector<RunResult>& runs) {
  std::size_t length = runs[0].history.size();
  for (const RunResult& run : runs) length = std::min(length, run.history.size());
  std::vector<report::Epoch> epochs;
  for (std::size_t e = 0; e < length; ++e) {
    const auto mean = [&](auto figure) {
      return mean_of(runs, [&](const RunResult& run) { return double(figure(run.history[e])); });
    };
    report::Epoch epoch{.epoch = static_cast<int>(e) + 1,
                        .train_loss = mean([](const auto& r) { return r.train_loss; }),
                        .train_error = mean([](const auto& r) { return r.train_error; }),
                        .validation_loss = mean([](const auto& r) { return r.validation_loss; }),
                        .validation_error = mean([](const auto& r) { return r.validation_error; }),
                        .seconds = mean([](const auto& r) { return r.seconds; })};
    std::vector<double> errors;
    for (const RunResult& run : runs) errors.push_back(run.history[e].validation_error);
    epoch.validation_error_sd = spread(errors).sd;
    for (const train::LayerRecord& layer : runs[0].history[e].layers)
      epoch.layers.push_back(
          {.label = layer.label,
           .exact_zeros = mean([&](const auto& r) { return layer_of(r, layer.label).exact_zeros; }),
           .dead_units = mean([&](const auto& r) { return layer_of(r, layer.label).dead_units; }),
           .dead_channels =
               mean([&](const auto& r) { return layer_of(r, layer.label).dead_channels; }),
           .gradient_norm = mean([&](const auto& r) { return gradient_norm(r, layer.label); })});
    epochs.push_back(std::move(epoch));
  }
  return epochs;
}

/// Share of all hidden outputs, units or channels; layers weighted by their number of these.
double weighted(const RunResult& run, double LayerResult::*figure,
                std::int64_t LayerResult::*size = &LayerResult::units) {
  double sum = 0, units = 0;
  for (const LayerResult& layer : run.layers) {
    sum += layer.*figure * static_cast<double>(layer.*size);
    units += static_cast<double>(layer.*size);
  }
  return units == 0 ? nan : sum / units;
}

/// No quotient of two float32 norms is as large: in such an epoch the last weight's gradient was 0
/// in some step, as where nothing is left to learn, and the ratio tells nothing.
constexpr double without_last_gradient = 1e90;

/// What is to be said of gradients that are no longer of use to the first layer; empty if nothing.
std::string gradient_remark(const ActivationRuns& runs, double ratio) {
  std::size_t epochs = 0, without = 0;
  for (const RunResult& run : runs.seeds)
    for (const train::EpochRecord& epoch : run.history) {
      ++epochs;
      without += epoch.gradient_ratio > without_last_gradient;
    }
  if (without > 0)
    return concat(runs.name, ": in ", without, " of ", epochs,
                  " epochs the last layer's gradient was 0 to single precision in some step, so "
                  "that these epochs have no gradient ratio and do not count in it.");
  if (ratio == 0)
    return runs.name + ": the gradient vanishes: that of the first layer is 0 to single precision.";
  if (ratio < 1e-6)
    return concat(runs.name, ": the gradient vanishes: that of the first layer is ",
                  report::significant_text(ratio, 2), " of the last layer's.");
  if (ratio > 1e6)
    return concat(runs.name, ": the gradient explodes: that of the first layer is ",
                  report::significant_text(ratio, 2), " times the last layer's.");
  return {};
}

/// How sure the choices of the rates are; empty where all were given.
std::string note_on_rates(const std::vector<ActivationRuns>& all) {
  std::string choices, where;  // the latter is the same for all
  for (const ActivationRuns& runs : all) {
    const std::string choice = report::choice_text(runs.search.lr, runs.search.choice, false);
    if (choice.empty()) continue;
    choices += (choices.empty() ? "" : "; ") + runs.name + " " + choice;
    where = report::judged_on(runs.search.choice);
  }
  return choices.empty() ? "" : concat("Learning rates, judged ", where, ": ", choices, ".");
}

/// The figures of an activation whose runs all stayed finite.
report::ActivationResult figures(const ActivationRuns& runs) {
  report::ActivationResult result{
      .name = runs.name, .model = runs.model, .lr = runs.search.lr, .search = runs.search.trials};
  result.choice = runs.search.choice;
  std::vector<double> errors, epochs;
  for (const RunResult& run : runs.seeds) {
    errors.push_back(run.test_error);
    epochs.push_back(run.best_epoch);
  }
  result.test_error = summary_of(errors);
  result.best_epoch = summary_of(epochs);
  result.history = mean_history(runs.seeds);
  std::vector<double> seconds;
  std::vector<double> ratios;
  for (const RunResult& run : runs.seeds)
    for (const train::EpochRecord& epoch : run.history) {
      seconds.push_back(epoch.seconds);
      if (!(epoch.gradient_ratio > without_last_gradient)) ratios.push_back(epoch.gradient_ratio);
    }
  // The median: other work on the machine makes single epochs slow, none fast.
  std::ranges::nth_element(seconds, seconds.begin() + static_cast<long>(seconds.size() / 2));
  result.seconds_per_epoch = seconds[seconds.size() / 2];
  result.samples_per_second =
      static_cast<double>(runs.seeds[0].training_samples) / result.seconds_per_epoch;
  result.gradient_ratio = ratios.empty() ? nan : spread(ratios).mean;
  result.pretraining_seconds =
      mean_of(runs.seeds, [](const RunResult& run) { return run.pretraining_seconds; });
  result.exact_zeros = mean_of(
      runs.seeds, [](const RunResult& run) { return weighted(run, &LayerResult::exact_zeros); });
  result.dead_units = mean_of(
      runs.seeds, [](const RunResult& run) { return weighted(run, &LayerResult::dead_units); });
  result.dead_channels = mean_of(runs.seeds, [](const RunResult& run) {
    return weighted(run, &LayerResult::dead_channels, &LayerResult::channels);
  });
  const RunResult& first = runs.seeds[0];
  const train::EpochRecord& last = first.history.back();
  for (const LayerResult& layer : first.layers)
    result.layers.push_back({.label = layer.label,
                             .weight = layer_of(last, layer.label).weight,
                             .units = layer.units,
                             .exact_zeros = layer.exact_zeros,
                             .dead_units = layer.dead_units,
                             .gradient_norm = gradient_norm(last, layer.label),
                             .outputs = layer.outputs,
                             .channels = layer.channels,
                             .dead_channels = layer.dead_channels});
  result.answers_of_one = first.answers_of_one;
  result.answers_of_batch = first.answers_of_batch;
  result.confusion = first.confusion;
  for (std::size_t s = 1; s < runs.seeds.size(); ++s)
    for (std::size_t i = 0; i < result.confusion.size(); ++i)
      for (std::size_t j = 0; j < result.confusion[i].size(); ++j)
        result.confusion[i][j] += runs.seeds[s].confusion[i][j];
  return result;
}

/// The result of an activation of which at least one run became non-finite: its name, without
/// figures.
report::ActivationResult without_figures(const ActivationRuns& runs) {
  const report::Summary none{nan, nan, {}};
  return {.name = runs.name,
          .model = runs.model,
          .lr = runs.search.lr,
          .search = runs.search.trials,
          .test_error = none,
          .best_epoch = none,
          .seconds_per_epoch = nan,
          .samples_per_second = nan,
          .match_epoch = nan,
          .exact_zeros = nan,
          .dead_units = nan,
          .dead_channels = nan,
          .gradient_ratio = nan,
          .choice = runs.search.choice};
}

double best_validation(const report::ActivationResult& result) {
  double best = INFINITY;
  for (const report::Epoch& epoch : result.history) best = std::min(best, epoch.validation_error);
  return best;
}

/// For each activation, the first epoch whose validation error is as low as the best that the
/// weakest competitor ever reaches.
void set_match_epochs(std::vector<report::ActivationResult>& results) {
  for (report::ActivationResult& result : results) {
    result.match_epoch = nan;
    double worst = -INFINITY;
    for (const report::ActivationResult& other : results)
      if (&other != &result && !other.history.empty())
        worst = std::max(worst, best_validation(other));
    for (auto epoch = result.history.rbegin(); epoch != result.history.rend(); ++epoch)
      if (epoch->validation_error <= worst) result.match_epoch = epoch->epoch;
  }
}

void describe(report::Comparison& c, const CompareOptions& options, const data::Dataset& dataset,
              std::size_t training_samples, int threads) {
  c.version = version;
  c.date = today();
  c.command = options.command;
  c.class_names = dataset.class_names;
  c.regression = dataset.classes() == 0;
  c.machine = {{"processor", processor_name()},
               {"threads", std::to_string(threads)},
               {"instruction set", std::string(instruction_set())},
               {"oneDNN", run::onednn_version()}};
  const std::size_t held = dataset.train.count - training_samples;
  c.data = {{"spec", dataset.spec},
            {"sample shape", dataset.sample_shape.text()},
            {"classes", std::to_string(dataset.classes())},
            {"training samples", count_text(static_cast<std::int64_t>(training_samples))},
            {"validation samples", count_text(static_cast<std::int64_t>(held))},
            {"test samples", count_text(static_cast<std::int64_t>(dataset.test.count))}};
  c.config = settings(options);
}

}  // namespace

std::string today() {
  const std::time_t now = std::time(nullptr);
  std::tm parts{};
  gmtime_r(&now, &parts);
  char text[16];
  return {text, std::strftime(text, sizeof text, "%Y-%m-%d", &parts)};
}

double seconds_since_1970() { return static_cast<double>(std::time(nullptr)); }

report::Comparison summarise(const CompareOptions& options, const data::Dataset& dataset,
                             const std::vector<ActivationRuns>& all, int threads) {
  report::Comparison c;
  const data::Partition partition =
      data::hold_out(dataset.train, options.train.validation, options.train.split_seed);
  describe(c, options, dataset, partition.train.size(), threads);
  c.notes = dataset.notes;
  if (partition.validation.empty())
    c.notes.push_back(
        "No samples are held out (--validation 0): what is called validation here, and what the "
        "best epochs were chosen by, are the training samples themselves.");
  for (int seed = 1; seed <= options.seeds; ++seed)
    c.seeds.push_back(static_cast<std::uint64_t>(seed));
  for (const ActivationRuns& runs : all) {
    const auto bad = std::ranges::find(runs.seeds, false, &RunResult::finite);
    c.activations.push_back(bad == runs.seeds.end() ? figures(runs) : without_figures(runs));
    if (bad != runs.seeds.end())
      c.notes.push_back(std::isnan(runs.search.lr)
                            ? concat(runs.name, " has no figures: ", bad->trouble)
                            : concat(runs.name, " has no figures: with seed ",
                                     bad - runs.seeds.begin() + 1, " ", bad->trouble));
    const std::string remark = gradient_remark(runs, c.activations.back().gradient_ratio);
    if (!remark.empty()) c.notes.push_back(remark);
  }
  const std::string rates = note_on_rates(all);
  if (!rates.empty()) c.notes.push_back(rates);
  set_match_epochs(c.activations);
  c.verdict = verdict(c.activations, c.regression);
  return c;
}

}  // namespace rectify::lab
