#pragma once

// Trainings that the tests of a diagnosis look at.

#include <string>
#include <vector>

#include "rectify/base/random.h"
#include "rectify/diagnose/rules.h"
#include "rectify/train/trainer.h"

namespace rectify::diagnose {

/// Drawn digits: small, and learned in a second.
inline data::Dataset digits(int train = 1500) {
  ThreadPool threads(1);
  return data::open(concat("glyphs:train=", train, ",test=100,seed=3"), threads);
}

inline train::Options usual_options(const std::string& model) {
  train::Options options;
  options.model = model;
  options.optimizer = "adam";
  options.lr = 0.003;
  options.batch = 32;
  options.epochs = 3;
  options.weight_decay = 0;
  return options;
}

/// Trains as asked, and diagnoses what came of it.
inline std::vector<Finding> findings_after(const train::Options& options,
                                           const data::Dataset& dataset) {
  ThreadPool threads(1);
  train::Trainer trainer(options, dataset, threads);
  trainer.take_weights();
  std::string trouble;
  try {
    while (!trainer.finished()) trainer.train_epoch();
  } catch (const train::NonFinite& error) {
    trouble = error.what();
  }
  const model::Model last = trainer.last_model();
  return diagnose(facts_of_run(
      {.options = options, .last = last, .history = trainer.history(), .trouble = trouble}, dataset,
      threads));
}

inline std::vector<Finding> findings_before(const train::Options& options,
                                            const data::Dataset& dataset) {
  ThreadPool threads(1);
  return diagnose(facts_before(options, dataset, threads));
}

inline std::string first_cause(const std::vector<Finding>& findings) {
  return findings.empty() ? "" : findings.front().cause;
}

inline const Finding* find_cause(const std::vector<Finding>& findings, const std::string& cause) {
  for (const Finding& finding : findings)
    if (finding.cause == cause) return &finding;
  return nullptr;
}

/// All findings above a note, for a message.
inline std::string alarms(const std::vector<Finding>& findings) {
  std::string text;
  for (const Finding& finding : findings)
    if (finding.severity > Severity::note)
      text += finding.cause + " (" +
              (finding.evidence.empty() ? std::string() : finding.evidence.front()) + ") ";
  return text;
}

}  // namespace rectify::diagnose
