#include "cli/training.h"

#include <algorithm>
#include <filesystem>
#include <memory>
#include <optional>
#include <set>

#include "cli/estimate.h"
#include "cli/event_folder.h"
#include "cli/flags.h"
#include "cli/score.h"
#include "cli/way_back.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/json.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/diagnose/live.h"
#include "rectify/graph/text.h"
#include "rectify/lab/kept.h"
#include "rectify/lab/search.h"
#include "rectify/lab/stopped.h"
#include "rectify/lab/summary.h"
#include "rectify/lab/training_report.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/remarks.h"
#include "rectify/report/document.h"
#include "rectify/report/format.h"
#include "rectify/train/checkpoint/events.h"
#include "rectify/train/optimise/optimiser.h"
#include "rectify/train/option_table.h"

namespace rectify::cli {

namespace {

std::string percent(double share) { return fixed_text(100 * share, 2) + " %"; }

std::string epoch_line(const train::EpochRecord& r, bool classes, bool best) {
  const auto error = [&](double e) { return classes ? percent(e) : "rmse " + fixed_text(e, 4); };
  double zeros = 0;
  for (const train::LayerRecord& layer : r.layers) zeros += layer.exact_zeros;
  std::string line = concat("epoch ", r.epoch, ": loss ", fixed_text(r.train_loss, 4), ", train ",
                            error(r.train_error), ", validation ", error(r.validation_error));
  if (r.weighted_error) line += ", by class weights " + percent(*r.weighted_error);
  if (r.certified_error) line += ", certified " + percent(*r.certified_error);
  if (r.box_error) line += ", small boxes " + percent(*r.box_error);
  if (!r.layers.empty())
    line += ", zeros " + fixed_text(100 * zeros / static_cast<double>(r.layers.size()), 0) + " %";
  return line + ", " + fixed_text(r.seconds, 1) + " s" + (best ? " *" : "");
}

/// Where a folder keeps how its rate was chosen, for results.json.
std::filesystem::path choice_file(const train::RunFolder& folder) {
  return folder.file("runs") / "rate.json";
}

/// How the rate was chosen; null when it was given, or by an older program.
Json choice_in(const train::RunFolder& folder) {
  const std::filesystem::path file = choice_file(folder);
  return std::filesystem::exists(file) ? Json::parse(read_file(file)) : Json();
}

Json results_of(const train::Trainer& trainer, const model::Evaluation& test,
                std::optional<double> certified, const train::RunFolder& folder) {
  Json history = Json::array();
  for (const train::EpochRecord& record : trainer.history())
    history.push_back(Json::parse(train::to_json(record)));
  Json results = {{"schema", 1},
                  {"rectify", version},
                  {"config", Json::parse(train::complete_json(trainer.options()))},
                  {"model", graph::model_text(trainer.model().graph)},
                  {"rate_choice", choice_in(folder)},
                  {"best_epoch", trainer.best_epoch()},
                  {"test_error", test.error},
                  {"test_loss", test.loss},
                  {"test_samples", test.samples},
                  {"confusion", test.confusion},
                  {"history", history}};
  put_scores(results, test);
  if (certified) results["certified_error"] = *certified;
  return results;
}

/// The rate that a search chooses; its trials are kept in the folder.
double searched_rate(const train::RunFolder& folder, const train::Options& options,
                     const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal) {
  const auto trials = folder.file("runs");
  lab::keep_setting(trials, dataset);
  const lab::SearchPlan plan(options, dataset);
  if (plan.judging.folds > 1) terminal.say(plan.judging.text());
  const StopCallback stop = stop_when_interrupted();
  const auto found = lab::search_rate(plan, [&](double rate) {
    const train::Options asked = lab::trial_options(options, plan, rate);
    const auto outcome = lab::judge(plan.judging, asked, dataset, [&](const lab::Fold& fold) {
      return lab::kept_trial(trials / ("search-" + fold.name + ".json"), [&] {
        return lab::run_trial(asked, dataset, fold, threads, terminal.progress(), stop);
      });
    });
    terminal.say("rate " + number_text(rate) + ": " + lab::text_of(outcome, plan.judging));
    return outcome;
  });
  terminal.say("rate " + report::choice_text(found.lr, found.choice));
  write_file(choice_file(folder), report::rate_choice(found.lr, found.choice).dump());
  return found.lr;
}

/// What a run that went non-finite left, and a command that tries again.
std::string what_is_left(const train::RunFolder& folder, const train::Trainer& trainer) {
  const std::filesystem::path weights = folder.file("model.safetensors");
  const std::size_t epochs = trainer.history().size();
  std::string text =
      !std::filesystem::exists(weights) ? "no epoch was finished, so there is no checkpoint"
      : epochs == 0
          ? concat("no epoch was finished; the initial weights are in ", weights.string())
          : concat("the last good checkpoint, of epoch ", epochs, ", is ", weights.string());
  const std::filesystem::path config = folder.file("config.toml");
  if (!std::filesystem::exists(config)) return text;
  const train::Options& options = trainer.options();
  const double rate = options.lr, usual = train::usual_rate(options);
  return text + concat("; to try a lower rate in its place: rectify train --config ",
                       shell_word(config.string()), " --lr ",
                       report::significant_text(rate > usual ? usual : rate / 10, 2), " --out ",
                       shell_word(folder.path().string()), " --force");
}

/// A training that its own warnings have ended.
struct FaultFound : Error {
  using Error::Error;
};

std::string event_text(const diagnose::Finding& finding) {
  return concat(finding.title, ": ", finding.evidence.front(), "; ", finding.advice);
}

/// Keeps what the last epoch has shown in the folder. It comes before the epoch is saved: a process
/// that is killed in between leaves events of an epoch that resume() trains again, and cuts.
std::vector<diagnose::Finding> keep_warnings(diagnose::LiveWatch& watch,
                                             const train::RunFolder& folder, int epoch) {
  std::vector<diagnose::Finding> findings = watch.look();
  for (const diagnose::Finding& finding : findings)
    train::add_event(
        folder,
        {.epoch = epoch, .kind = "warning", .cause = finding.cause, .text = event_text(finding)});
  return findings;
}

/// Tells warnings, and ends the run where it should.
void tell_warnings(const std::vector<diagnose::Finding>& findings, const train::RunFolder& folder,
                   int epoch, StopOn stop_on, Terminal& terminal) {
  std::string ends;
  for (const diagnose::Finding& finding : findings) {
    terminal.warn(concat("epoch ", epoch, ": ", event_text(finding)));
    const bool bad = finding.severity == diagnose::Severity::fault;
    if (stop_on == StopOn::warning || (stop_on == StopOn::fault && bad)) ends = finding.cause;
  }
  if (!ends.empty())
    throw FaultFound(concat("stopped for ", ends, "; 'rectify diagnose ",
                            shell_word(folder.path().string()),
                            "' looks closer, 'rectify resume' goes on"));
}

std::set<std::string> warned_in(const train::RunFolder& folder) {
  std::set<std::string> causes;
  for (const train::Event& event : train::events_in(folder.path())) causes.insert(event.cause);
  return causes;
}

void train_on(const train::RunFolder& folder, train::Trainer& trainer, StopOn stop_on,
              Terminal& terminal) {
  const bool classes = !trainer.model().class_names.empty();
  const ProgressCallback show = with_estimate(
      terminal, static_cast<double>(trainer.history().size()) / trainer.options().epochs);
  const StopCallback stop = stop_when_interrupted();
  diagnose::LiveWatch watch(trainer, warned_in(folder));
  std::optional<report::EventFile> events = event_file_of(folder, trainer.history());
  while (!trainer.finished()) {
    bool whole = false;
    try {
      whole = trainer.train_epoch(show, stop);
    } catch (const train::NonFinite& error) {
      const int epoch = static_cast<int>(trainer.history().size()) + 1;
      train::add_event(folder, {.epoch = epoch, .kind = "not_finite", .text = error.what()});
      throw train::NonFinite(concat(error.what(), "; ", what_is_left(folder, trainer)));
    }
    if (!whole) throw lab::Stopped("stopped");
    const train::EpochRecord& record = trainer.history().back();
    const auto warnings = keep_warnings(watch, folder, record.epoch);
    train::save_epoch(folder, trainer);
    if (events) events->add(lab::epoch_of(record), lab::seconds_since_1970());
    terminal.say(epoch_line(record, classes, trainer.best_epoch() == record.epoch));
    tell_warnings(warnings, folder, record.epoch, stop_on, terminal);
  }
}

/// The command that repeats the run in `folder`; empty where none does, because its config.toml is
/// gone or because it was extended.
std::string command_of(const train::RunFolder& folder, const train::Options& options) {
  const auto config = folder.file("config.toml");
  if (!std::filesystem::exists(config)) return {};
  const std::string epochs = "epochs = " + std::to_string(options.epochs);
  if (std::ranges::count(split(read_file(config), '\n'), epochs) == 0) return {};
  return "rectify train --config " + shell_word(config.string()) + " --out again";
}

void write_report(const train::RunFolder& folder, train::Trainer& trainer,
                  lab::TrainingOutcome outcome, Terminal& terminal) {
  outcome.command = command_of(folder, trainer.options());
  outcome.events = train::events_in(folder.path());
  const auto file = folder.file("report.html");
  write_file(file, report::to_html(lab::describe_training(trainer, std::move(outcome))));
  terminal.say("report: " + file.string());
}

/// The report of a run that did not come to its end. What ended it is told next, so nothing is said
/// where the report cannot be made.
void try_to_report(const train::RunFolder& folder, train::Trainer& trainer, report::TrainingEnd end,
                   const std::string& trouble, Terminal& terminal) {
  try {
    write_report(folder, trainer, {.end = end, .trouble = trouble}, terminal);
  } catch (const std::exception&) {
  }
}

}  // namespace

int train_anew(const train::RunFolder& folder, train::Options options, bool search,
               const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal,
               const RunFlags& flags) {
  auto trainer = with_way_back(folder, [&] {
    if (search) {
      write_file(folder.file("search.json"), train::to_json(options));
      remember_event_folder(folder, flags.tensorboard);
      options.lr = searched_rate(folder, options, dataset, threads, terminal);
    }
    auto made = std::make_unique<train::Trainer>(options, dataset, threads);
    made->take_weights();
    train::save_epoch(folder, *made);
    remember_event_folder(folder, flags.tensorboard);
    return made;
  });
  terminal.say(options.model + "  (" +
               count_text(static_cast<std::int64_t>(trainer->model().layout.count())) +
               " parameters, rate " + number_text(options.lr) + ")");
  return train_in(folder, *trainer, terminal, flags.stop_on);
}

int train_in(const train::RunFolder& folder, train::Trainer& trainer, Terminal& terminal,
             StopOn stop_on) {
  model::Evaluation test;
  std::optional<double> certified;
  std::string results;
  try {
    results = with_way_back(folder, [&] {
      train_on(folder, trainer, stop_on, terminal);
      test = trainer.evaluate_test(true);
      certified = trainer.certified_test_error(true);
      const std::string text = results_of(trainer, test, certified, folder).dump(2) + "\n";
      write_file(folder.file("results.json"), text);
      write_report(folder, trainer, {.test = test}, terminal);
      return text;
    });
  } catch (const lab::Stopped& stopped) {
    try_to_report(folder, trainer, report::TrainingEnd::stopped, stopped.what(), terminal);
    throw;
  } catch (const FaultFound& found) {
    try_to_report(folder, trainer, report::TrainingEnd::stopped, found.what(), terminal);
    terminal.error(found.what());
    return exit_fault;
  } catch (const train::NonFinite& error) {
    try_to_report(folder, trainer, report::TrainingEnd::failed, error.what(), terminal);
    throw;
  }
  for (const std::string& remark : model::remarks(test, trainer.model().class_names))
    terminal.warn(remark);
  if (terminal.json) {
    terminal.print(results);
  } else {
    terminal.print(concat("test ", score_text(test), " (",
                          count_text(static_cast<std::int64_t>(test.samples)), " samples)",
                          certified ? concat(", certified error ", percent(*certified), " at ",
                                             number_text(trainer.options().certify))
                                    : "",
                          ", best epoch ", trainer.best_epoch(), " of ", trainer.history().size(),
                          "\n", "weights ", folder.file("best.safetensors").string(), "\n"));
  }
  return exit_done;
}

}  // namespace rectify::cli
