// rectify diagnose: what is wrong with a network, why, and what to change.

#include <filesystem>
#include <memory>

#include "cli/diagnosing.h"
#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/apply.h"
#include "rectify/diagnose/rules.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/model/safetensors.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/checkpoint/events.h"

namespace rectify::cli::ops {

namespace {

namespace fs = std::filesystem;

struct Flags : CommonFlags, ModelFlags {
  std::string apply;
  bool fail = false;
};

/// What a run's folder says of the run.
struct Folder {
  train::Options options;
  std::vector<train::EpochRecord> history;
  std::string trouble;
};

Folder folder_of(const fs::path& path) {
  Folder folder;
  folder.options =
      train::options_from_json(model::load(path / "state.safetensors").metadata.at("options"));
  const fs::path lines = path / "history.jsonl";
  for (const std::string& line : split(fs::exists(lines) ? read_file(lines) : "", '\n'))
    if (!line.empty()) folder.history.push_back(train::epoch_from_json(line));
  for (const train::Event& event : train::events_in(path))
    if (event.kind == "not_finite") folder.trouble = event.text;
  return folder;
}

diagnose::Facts facts_of_folder(const Flags& flags, ThreadPool& threads, Terminal& terminal) {
  const fs::path path = flags.model;
  Folder folder = folder_of(path);
  if (!flags.data.empty()) folder.options.data = flags.data;
  const model::Model last = model::load_model(train::model_file(path, true));
  data::Known known = model::known_of(last);
  const data::Dataset dataset = data::open(folder.options.data, threads, known);
  for (const std::string& note : dataset.notes) terminal.say(note);
  return diagnose::facts_of_run({.options = folder.options,
                                 .last = last,
                                 .history = std::move(folder.history),
                                 .trouble = std::move(folder.trouble)},
                                dataset, threads);
}

diagnose::Facts facts_of_file(const Flags& flags, ThreadPool& threads, Terminal& terminal) {
  const Loaded loaded = load_with_data(flags, threads);
  for (const std::string& note : loaded.dataset.notes) terminal.say(note);
  const data::Split& split = split_of(loaded.dataset, flags.split);
  return diagnose::facts_of_model(loaded.model, loaded.dataset, split,
                                  model::all_samples(split.count), threads);
}

/// Writes the run's options with the first finding's changes, and says how to train by them.
void apply_first(const diagnose::Facts& facts, const std::vector<diagnose::Finding>& findings,
                 const fs::path& out, Terminal& terminal) {
  if (!facts.options_are_known)
    fail("--apply changes the options of a run; give a run's folder, not a model's file");
  if (findings.empty()) fail("nothing was found, so there is nothing to apply");
  const diagnose::Finding& first = findings.front();
  if (first.changes.empty())
    fail("the first finding, ", first.cause, ", needs a change that no flag makes: ", first.advice);
  const train::Options changed = diagnose::with_changes(facts.options, first.changes);
  fs::create_directories(out);
  const fs::path config = out / "config.toml";
  write_file(config, diagnose::config_text(changed));
  std::string list;
  for (const diagnose::Change& change : first.changes)
    list += concat(" ", change.flag, " ", change.value.empty() ? "''" : shell_word(change.value));
  terminal.say(concat("against ", first.cause, ":", list));
  terminal.say(concat("to train so: rectify train --config ", shell_word(config.string()),
                      " --out ", shell_word((out / "run").string())));
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_model(args, *flags);
  args.option("--apply", flags->apply,
              "Of a run: writes DIR/config.toml, its options with the first finding's changes")
      .type_name("DIR");
  args.flag("--fail", flags->fail, "Exit with 4 when there is a fault");
  declare_threads(args, *flags);
  return [flags](Terminal& terminal) {
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const bool is_run = fs::exists(fs::path(flags->model) / "state.safetensors");
    const diagnose::Facts facts = is_run ? facts_of_folder(*flags, threads, terminal)
                                         : facts_of_file(*flags, threads, terminal);
    const auto findings = diagnose::diagnose(facts);
    const int code = print_diagnosis(facts, findings, flags->fail, terminal);
    if (!flags->apply.empty()) apply_first(facts, findings, flags->apply, terminal);
    return code;
  };
}

}  // namespace

std::span<const Verb> diagnose() {
  static const Verb all[] = {{"diagnose", "Says what is wrong with a network, and what to change",
                              "rectify diagnose mnist-relu", declare}};
  return all;
}

}  // namespace rectify::cli::ops
