#pragma once

#include <optional>
#include <span>
#include <string>
#include <utility>
#include <vector>

#include "rectify/model/evaluate.h"
#include "rectify/report/training.h"
#include "rectify/train/checkpoint/events.h"
#include "rectify/train/trainer.h"

namespace rectify::lab {

/// An epoch as a report shows it.
report::TrainingEpoch epoch_of(const train::EpochRecord& record);

/// What happened in a run, by epoch: its warnings, and epochs in which many units of a layer died
/// or came back.
std::vector<std::pair<int, std::string>> events_of_run(const std::vector<train::Event>& events,
                                                       std::span<const train::EpochRecord> history,
                                                       const graph::Graph& network);

/// How a training run ended.
struct TrainingOutcome {
  report::TrainingEnd end = report::TrainingEnd::finished;
  std::string trouble;                    ///< see report::Training::trouble
  std::vector<train::Event> events;       ///< that the run's folder keeps
  std::string command;                    ///< that repeats the run; empty: none does
  std::optional<model::Evaluation> test;  ///< of the best weights, where it is known already
};

/// All of a run for its page: what the trainer recorded, the data, and how the best weights do on
/// the test split. A run that was stopped is measured only where that takes a moment; one without a
/// finished epoch is not measured at all.
report::Training describe_training(train::Trainer& trainer, TrainingOutcome outcome);

}  // namespace rectify::lab
