#include "rectify/lab/judging_notes.h"

#include <algorithm>

#include "rectify/base/error.h"
#include "rectify/report/format.h"
#include "rectify/train/class_weights.h"

namespace rectify::lab {

namespace {

bool all_finite(const ActivationRuns& runs) {
  return std::ranges::all_of(runs.seeds, &RunResult::finite);
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

/// What the curves show of seeds that stopped early; empty where the seeds of each activation ran
/// equally long. Activations without figures have no curves.
std::string note_on_stopped_seeds(const std::vector<ActivationRuns>& all) {
  std::string lengths;
  for (const ActivationRuns& runs : all) {
    if (!all_finite(runs)) continue;
    const auto [shortest, longest] = std::ranges::minmax_element(
        runs.seeds, {}, [](const RunResult& run) { return run.history.size(); });
    if (shortest->history.size() == longest->history.size()) continue;
    lengths += concat(lengths.empty() ? "" : ", ", runs.name, " after ", shortest->history.size(),
                      " to ", longest->history.size());
  }
  if (lengths.empty()) return {};
  return concat("Seeds stopped after different numbers of epochs: ", lengths,
                ". The curves and the epochs to match are means over all seeds, up to the last "
                "epoch of the longest; a seed that has stopped counts with the validation figures "
                "of its best epoch and the training figures of its last.");
}

/// "relu 24.1 %, tanh 25.4 %": mean test errors in which each sample counts as its class weighs.
std::string weighted_test_errors(const std::vector<ActivationRuns>& all,
                                 const std::vector<float>& weights) {
  std::string text;
  for (const ActivationRuns& runs : all) {
    if (!all_finite(runs)) continue;
    double error = 0;
    for (const RunResult& run : runs.seeds) error += train::weighted_error(run.confusion, weights);
    error /= static_cast<double>(runs.seeds.size());
    text += concat(text.empty() ? "" : ", ", runs.name, " ",
                   report::ErrorScale(false).with_unit(error));
  }
  return text;
}

/// By what the best epochs were chosen, where it is not the error that the table shows; else empty.
std::string note_on_judging(const CompareOptions& options, const std::vector<ActivationRuns>& all,
                            const std::vector<float>& weights) {
  const auto some = std::ranges::find_if(all, all_finite);
  if (some == all.end()) return {};
  const std::string judged = judged_error_name(best_epoch_of(some->seeds[0]));
  if (judged == judged_error_name({})) return {};
  std::string note =
      concat(options.search ? "Learning rates and best epochs" : "Best epochs",
             " were chosen by the ", judged,
             ", which the epochs to match go by too; the errors in the table, its order, the "
             "verdict and the curves are plain errors.");
  if (!weights.empty())
    note +=
        concat(" Mean test errors weighted by class: ", weighted_test_errors(all, weights), ".");
  return note;
}

}  // namespace

const train::EpochRecord& best_epoch_of(const RunResult& run) {
  return run.history.at(static_cast<std::size_t>(run.best_epoch) - 1);
}

std::string judged_error_name(const train::EpochRecord& record) {
  if (record.certified_error || record.box_error)
    return "share of validation samples that bounds do not prove";
  return record.weighted_error ? "validation error weighted by class" : "validation error";
}

std::vector<std::string> notes_on_judging(const CompareOptions& options,
                                          const std::vector<ActivationRuns>& all,
                                          const std::vector<float>& weights) {
  std::vector<std::string> notes;
  for (const std::string& note :
       {note_on_stopped_seeds(all), note_on_judging(options, all, weights), note_on_rates(all)})
    if (!note.empty()) notes.push_back(note);
  return notes;
}

}  // namespace rectify::lab
