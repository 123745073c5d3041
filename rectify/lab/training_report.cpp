#include "rectify/lab/training_report.h"

#include <algorithm>
#include <cmath>

#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/graph/operator.h"
#include "rectify/graph/text.h"
#include "rectify/lab/settings.h"
#include "rectify/lab/summary.h"
#include "rectify/lab/test_answers.h"
#include "rectify/model/remarks.h"
#include "rectify/train/class_weights.h"
#include "rectify/train/suit.h"

namespace rectify::lab {

namespace {

void describe_data(report::Training& run, const train::Trainer& trainer) {
  const data::Dataset& dataset = trainer.dataset();
  const data::Partition& partition = trainer.partition();
  run.data = dataset.spec;
  run.class_names = dataset.class_names;
  run.notes = dataset.notes;
  run.validated = !partition.validation.empty();
  run.data_facts = data_facts(dataset, partition);
  run.classes.resize(dataset.classes());
  if (dataset.classes() == 0) return;
  const auto tally = [&](const data::Split& split, std::span<const std::uint32_t> samples,
                         std::int64_t report::ClassFigures::*figure) {
    const std::size_t width = split.count == 0 ? 0 : split.labels.size() / split.count;
    for (const std::uint32_t sample : samples)
      for (std::size_t l = 0; l < width; ++l)
        ++(run.classes[static_cast<std::size_t>(split.labels[sample * width + l])].*figure);
  };
  const std::vector<float> weights =
      train::class_weights(trainer.options().class_weights, dataset, partition.train);
  for (std::size_t c = 0; c < weights.size(); ++c) run.classes[c].weight = weights[c];
  tally(dataset.train, partition.train, &report::ClassFigures::train);
  tally(dataset.train, partition.validation, &report::ClassFigures::validation);
  tally(dataset.test, model::all_samples(dataset.test.count), &report::ClassFigures::test);
}

/// What a person should look at first.
void add_remarks(report::Training& run) {
  if (!run.validated)
    run.notes.push_back(
        "No samples are held out (--validation 0): what is called validation here, and what the "
        "best epoch was chosen by, are training samples.");
  constexpr std::int64_t uneven = 5;
  if (run.classes.size() < 2) return;
  const auto [few, most] =
      std::ranges::minmax_element(run.classes, {}, &report::ClassFigures::train);
  const auto name = [&](auto at) { return run.class_names[at - run.classes.begin()]; };
  if (most->train < uneven * few->train) return;
  const bool weighted =
      std::ranges::any_of(run.classes, [](const auto& c) { return c.weight != 1; });
  run.notes.push_back(
      concat("The classes are uneven: '", name(most), "' has ", count_text(most->train),
             " training samples, '", name(few), "' ", count_text(few->train),
             ". Read recall and F1 of each class beside the error",
             weighted ? "." : "; --class-weights balanced lets each class count the same."));
}

/// Whether the test split can be measured in a moment, by the time that an epoch takes.
bool is_quick(const train::Trainer& trainer) {
  constexpr double moment = 2;  // seconds
  const double share = static_cast<double>(trainer.dataset().test.count) /
                       static_cast<double>(trainer.partition().train.size());
  return trainer.history().back().seconds * share <= moment;
}

}  // namespace

report::TrainingEpoch epoch_of(const train::EpochRecord& r) {
  report::TrainingEpoch epoch{.epoch = r.epoch,
                              .lr = r.lr,
                              .train_loss = r.train_loss,
                              .train_error = r.train_error,
                              .validation_loss = r.validation_loss,
                              .validation_error = r.validation_error,
                              .seconds = r.seconds,
                              .certified_error = r.certified_error.value_or(report::no_value),
                              .weights = {},
                              .layers = {}};
  for (const train::GradientRecord& gradient : r.gradients)
    epoch.weights.push_back(
        {gradient.weight, gradient.norm, gradient.update_ratio.value_or(report::no_value)});
  for (const train::LayerRecord& layer : r.layers)
    epoch.layers.push_back(
        {layer.label, layer.exact_zeros,
         std::isnan(layer.dead_channels) ? layer.dead_units : layer.dead_channels,
         layer.saturated.value_or(report::no_value)});
  return epoch;
}

std::vector<std::pair<int, std::string>> events_of_run(const std::vector<train::Event>& events,
                                                       std::span<const train::EpochRecord> history,
                                                       const graph::Graph& network) {
  constexpr double many = 0.05;  // of a layer's channels
  std::vector<std::pair<int, std::string>> all;
  for (const train::Event& event : events) all.emplace_back(event.epoch, event.text);
  for (const train::EpochRecord& record : history)
    for (const train::LayerRecord& layer : record.layers) {
      const auto channels =
          static_cast<double>(graph::last_extent(network, network.find(layer.label)));
      const auto tell = [&](std::int64_t count, const char* what) {
        if (static_cast<double>(count) >= many * channels && count > 1)
          all.emplace_back(record.epoch,
                           concat(count, " of ", channels, " units of ", layer.label, what));
      };
      tell(layer.died.value_or(0), " died");
      tell(layer.revived.value_or(0), " came back to life");
    }
  std::ranges::stable_sort(all, {}, &std::pair<int, std::string>::first);
  return all;
}

report::Training describe_training(train::Trainer& trainer, TrainingOutcome outcome) {
  train::Options usual;
  train::suit(usual, trainer.dataset());
  report::Training run{.version = version,
                       .date = today(),
                       .command = std::move(outcome.command),
                       .end = outcome.end,
                       .trouble = std::move(outcome.trouble),
                       .model = graph::model_text(trainer.model().graph),
                       .config = settings_of(trainer.options(), usual),
                       .machine = machine_facts(),
                       .epochs = trainer.options().epochs,
                       .best_epoch = trainer.best_epoch()};
  describe_data(run, trainer);
  for (const train::EpochRecord& record : trainer.history())
    run.history.push_back(epoch_of(record));
  if (trainer.broken_epoch()) run.history.push_back(epoch_of(*trainer.broken_epoch()));
  run.events = events_of_run(outcome.events, trainer.history(), trainer.model().graph);
  const bool finished_one = trainer.best_epoch() > 0;
  if (finished_one && (outcome.end != report::TrainingEnd::stopped || is_quick(trainer))) {
    if (!outcome.test) outcome.test = trainer.evaluate_test(true);
    for (const std::string& remark : model::remarks(*outcome.test, run.class_names))
      run.notes.push_back(remark);
    add_test_answers(run, trainer, *outcome.test);
  }
  add_remarks(run);
  return run;
}

}  // namespace rectify::lab
