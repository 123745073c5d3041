#include "rectify/lab/summary.h"

#include <algorithm>
#include <cmath>
#include <ctime>
#include <functional>
#include <set>

#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/machine.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/lab/judging_notes.h"
#include "rectify/lab/settings.h"
#include "rectify/lab/statistics.h"
#include "rectify/report/format.h"
#include "rectify/run/backend.h"
#include "rectify/train/class_weights.h"

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

/// What a run that has stopped counts as in later epochs: what was measured on validation in its
/// best epoch, whose weights it keeps, and on training samples in its last one.
train::EpochRecord after_the_end(const RunResult& run) {
  const train::EpochRecord& last = run.history.back();
  train::EpochRecord record = best_epoch_of(run);
  record.train_loss = last.train_loss;
  record.train_error = last.train_error;
  record.seconds = last.seconds;
  record.gradients = last.gradients;
  return record;
}

/// The records of all runs of an activation, side by side up to the longest run's last epoch.
/// `--patience` stops each seed after epochs of its own; from then on it has after_the_end().
class Epochs {
 public:
  explicit Epochs(const std::vector<RunResult>& runs) : runs_(runs) {
    for (const RunResult& run : runs) {
      length_ = std::max(length_, run.history.size());
      after_.push_back(after_the_end(run));
    }
  }
  std::size_t length() const { return length_; }
  const train::EpochRecord& at(std::size_t run, std::size_t epoch) const {
    const std::vector<train::EpochRecord>& history = runs_[run].history;
    return epoch < history.size() ? history[epoch] : after_[run];
  }
  /// What `figure` says of each run in that epoch.
  template <class Figure>
  std::vector<double> each(std::size_t epoch, const Figure& figure) const {
    std::vector<double> values;
    for (std::size_t r = 0; r < runs_.size(); ++r) values.push_back(double(figure(at(r, epoch))));
    return values;
  }

 private:
  const std::vector<RunResult>& runs_;
  std::vector<train::EpochRecord> after_;
  std::size_t length_ = 0;
};

/// Mean over seeds, epoch by epoch as far as the longest run went; see Epochs for the others.
std::vector<report::Epoch> mean_history(const std::vector<RunResult>& runs) {
  const Epochs all(runs);
  std::vector<report::Epoch> epochs;
  for (std::size_t e = 0; e < all.length(); ++e) {
    const auto mean = [&](const auto& figure) { return spread(all.each(e, figure)).mean; };
    report::Epoch epoch{.epoch = static_cast<int>(e) + 1,
                        .train_loss = mean([](const auto& r) { return r.train_loss; }),
                        .train_error = mean([](const auto& r) { return r.train_error; }),
                        .validation_loss = mean([](const auto& r) { return r.validation_loss; }),
                        .validation_error = mean([](const auto& r) { return r.validation_error; }),
                        .seconds = mean([](const auto& r) { return r.seconds; })};
    epoch.validation_error_sd =
        spread(all.each(e, [](const auto& r) { return r.validation_error; })).sd;
    for (const train::LayerRecord& layer : all.at(0, e).layers)
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

/// The mean over seeds of what chooses the best epochs, epoch by epoch as in mean_history().
std::vector<double> judged_errors(const std::vector<RunResult>& runs) {
  const Epochs all(runs);
  std::vector<double> errors;
  for (std::size_t e = 0; e < all.length(); ++e)
    errors.push_back(spread(all.each(e, [](const auto& r) { return r.judged_error(); })).mean);
  return errors;
}

double best_validation(const std::vector<double>& errors) {
  double best = INFINITY;
  for (const double error : errors) best = std::min(best, error);
  return best;
}

/// For each activation, the first epoch whose validation error, as judged_errors() has it, is as
/// low as the best that the weakest competitor ever reaches.
void set_match_epochs(std::vector<report::ActivationResult>& results,
                      const std::vector<ActivationRuns>& all) {
  std::vector<std::vector<double>> errors(results.size());
  for (std::size_t i = 0; i < results.size(); ++i)
    if (!results[i].history.empty()) errors[i] = judged_errors(all[i].seeds);
  for (std::size_t i = 0; i < results.size(); ++i) {
    double worst = -INFINITY;
    for (std::size_t other = 0; other < results.size(); ++other)
      if (other != i && !errors[other].empty())
        worst = std::max(worst, best_validation(errors[other]));
    const auto match =
        std::ranges::find_if(errors[i], [&](const double error) { return error <= worst; });
    results[i].match_epoch =
        match == errors[i].end() ? nan : static_cast<double>(match - errors[i].begin() + 1);
  }
}

/// That seconds were taken on unlike machines, by a comparison that went on elsewhere; else empty.
std::string note_on_timing(const std::vector<ActivationRuns>& all) {
  std::set<std::pair<int, std::string>> machines;
  for (const ActivationRuns& runs : all)
    for (const RunResult& run : runs.seeds)
      if (run.threads > 0) machines.emplace(run.threads, run.processor);
  if (machines.size() < 2) return {};
  std::vector<std::string> names;
  for (const auto& [threads, processor] : machines)
    names.push_back(concat(threads, threads == 1 ? " thread" : " threads", " of ", processor));
  return concat("Its runs were timed with ", listed(names),
                ": the seconds of one tell nothing about those of another.");
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
  const std::vector<float> weights =
      train::class_weights(options.train.class_weights, dataset, partition.train);
  for (const std::string& note : notes_on_judging(options, all, weights)) c.notes.push_back(note);
  if (const std::string note = note_on_timing(all); !note.empty()) c.notes.push_back(note);
  set_match_epochs(c.activations, all);
  c.verdict = verdict(c.activations, c.regression);
  return c;
}

}  // namespace rectify::lab
