// What the charts of a training run's page are drawn from.
#include <algorithm>
#include <cmath>
#include <cstdint>

#include "rectify/report/page_parts.h"
#include "rectify/report/training_tables.h"

namespace rectify::report {
namespace {

/// The labels of all records, in the order in which they first stand in the history.
template <class Record>
std::vector<std::string> labels_of(const Training& run, std::vector<Record> TrainingEpoch::*list) {
  std::vector<std::string> labels;
  for (const TrainingEpoch& epoch : run.history)
    for (const Record& one : epoch.*list)
      if (std::ranges::find(labels, one.label) == labels.end()) labels.push_back(one.label);
  return labels;
}

/// A figure in every epoch; null where an epoch lacks it.
template <class Record>
Json by_epoch(const Training& run, std::vector<Record> TrainingEpoch::*list,
              const std::string& label, double Record::*figure) {
  return column(run.history, [&](const TrainingEpoch& epoch) {
    const auto one = std::ranges::find(epoch.*list, label, &Record::label);
    return one == (epoch.*list).end() ? std::nan("") : (*one).*figure;
  });
}

Json weights_of(const Training& run) {
  Json out = Json::array();
  for (const std::string& label : labels_of(run, &TrainingEpoch::weights))
    out.push_back(
        {{"label", label},
         {"norms", by_epoch(run, &TrainingEpoch::weights, label, &TrainedWeight::gradient)},
         {"updates", by_epoch(run, &TrainingEpoch::weights, label, &TrainedWeight::update)}});
  return out;
}

Json layers_of(const Training& run) {
  Json out = Json::array();
  for (const std::string& label : labels_of(run, &TrainingEpoch::layers))
    out.push_back(
        {{"label", label},
         {"zeros", by_epoch(run, &TrainingEpoch::layers, label, &TrainedLayer::exact_zeros)},
         {"dead", by_epoch(run, &TrainingEpoch::layers, label, &TrainedLayer::dead_units)},
         {"saturated", by_epoch(run, &TrainingEpoch::layers, label, &TrainedLayer::saturated)}});
  return out;
}

Json targets_of(const Training& run) {
  Json out = Json::array();
  for (const TargetFigures& target : run.targets) {
    Json answers = Json::array();
    for (const auto& [actual, predicted] : target.answers)
      answers.push_back({rounded(actual), rounded(predicted)});
    const Histogram& residuals = target.residuals;
    out.push_back({{"name", target.name},
                   {"answers", answers},
                   {"residuals",
                    {{"low", rounded(residuals.low)},
                     {"high", rounded(residuals.high)},
                     {"counts", column(residuals.counts, [](double count) { return count; })}}}});
  }
  return out;
}

}  // namespace

std::string base64(std::string_view bytes) {
  constexpr std::string_view digits =
      "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
  std::string out;
  for (std::size_t at = 0; at < bytes.size(); at += 3) {
    std::uint32_t word = 0;
    for (std::size_t i = 0; i < 3; ++i)
      word = word << 8 | (at + i < bytes.size() ? static_cast<unsigned char>(bytes[at + i]) : 0);
    for (std::size_t i = 0; i < 4; ++i)
      out += at + i > bytes.size() ? '=' : digits[word >> (18 - 6 * i) & 63];
  }
  return out;
}

Json training_data(const Training& run) {
  const auto each = [&](double TrainingEpoch::*figure) {
    return column(run.history, [figure](const TrainingEpoch& epoch) { return epoch.*figure; });
  };
  double passed = 0;
  return {{"classes", !run.class_names.empty()},
          {"best", run.best_epoch},
          {"epochs", column(run.history, [](const TrainingEpoch& epoch) { return epoch.epoch; })},
          {"seconds", column(run.history,
                             [&](const TrainingEpoch& epoch) { return passed += epoch.seconds; })},
          {"rates", each(&TrainingEpoch::lr)},
          {"train_loss", each(&TrainingEpoch::train_loss)},
          {"train_error", each(&TrainingEpoch::train_error)},
          {"validation_loss", each(&TrainingEpoch::validation_loss)},
          {"validation_error", each(&TrainingEpoch::validation_error)},
          {"weights", weights_of(run)},
          {"layers", layers_of(run)},
          {"targets", targets_of(run)}};
}

}  // namespace rectify::report
