// rectify diagnose: what is wrong with a network, why, and what to change.

#include <cmath>
#include <filesystem>
#include <memory>

#include "cli/diagnosing.h"
#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/out_file.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
#include "rectify/base/file.h"
#include "rectify/base/text.h"
#include "rectify/diagnose/apply.h"
#include "rectify/diagnose/rules.h"
#include "rectify/lab/proof.h"
#include "rectify/model/evaluate.h"
#include "rectify/model/file.h"
#include "rectify/pretrain/folder.h"
#include "rectify/run/warm_up.h"
#include "rectify/train/checkpoint/events.h"

namespace rectify::cli::ops {

namespace {

namespace fs = std::filesystem;

struct Flags : CommonFlags, ModelFlags {
  std::string apply;
  bool fail = false, prove = false;
  int seeds = 3;
};

/// What ended the run of a folder early; empty where nothing did.
std::string trouble_of(const fs::path& run) {
  for (const train::Event& event : train::events_in(run))
    if (event.kind == "not_finite") return event.text;
  return {};
}

diagnose::Facts facts_of_folder(const Flags& flags, ThreadPool& threads, Terminal& terminal) {
  const fs::path path = flags.model;
  if (pretrain::holds_pretraining(path))
    fail("'", path.string(),
         "' holds a pretraining, which gives no answers to judge; its own figures "
         "are in its report.html, and 'rectify train --init ",
         shell_word(path.string()), "' makes a network that diagnose can look at");
  train::Options options = train::saved_options(path);
  if (!flags.data.empty()) options.data = flags.data;
  const model::Model last = model::load_model(train::model_file(path, true));
  const data::Dataset dataset = data::open(options.data, threads, model::known_of(last));
  for (const std::string& note : dataset.notes) terminal.say(note);
  return diagnose::facts_of_run({.options = options,
                                 .last = last,
                                 .history = train::saved_history(path),
                                 .trouble = trouble_of(path)},
                                dataset, threads);
}

diagnose::Facts facts_of_file(const Flags& flags, ThreadPool& threads, Terminal& terminal) {
  const Loaded loaded = load_with_data(flags, threads);
  for (const std::string& note : loaded.dataset.notes) terminal.say(note);
  const data::Split& split = split_of(loaded.dataset, flags.split);
  return diagnose::facts_of_model(loaded.model, loaded.dataset, split,
                                  model::all_samples(split.count), threads);
}

/// Trains as it was and as changed, and says which is better.
void prove(const train::Options& before, const train::Options& after, int seeds,
           const data::Dataset& dataset, ThreadPool& threads, Terminal& terminal) {
  catch_interrupts();
  const lab::Proof proof = lab::prove(before, after, dataset, seeds, threads, terminal.progress(),
                                      stop_when_interrupted());
  const bool classes = dataset.classes() > 0;
  const auto list = [&](const std::vector<double>& errors) {
    std::string text;
    for (const double error : errors)
      text += concat(text.empty() ? "" : ", ", std::isnan(error) ? "not finite"
                                               : classes         ? fixed_text(100 * error, 2) + " %"
                                                                 : fixed_text(error, 4));
    return text;
  };
  const char* const words[] = {"the change helps", "the change makes it worse",
                               "no difference can be told"};
  terminal.say(concat("test error as it was, by seed: ", list(proof.before)));
  terminal.say(concat("test error as changed: ", list(proof.after)));
  terminal.say(concat(words[static_cast<int>(proof.answer())], " (", seeds,
                      seeds == 1 ? " seed" : " seeds, paired t test at 5 %", ")"));
}

/// Writes the run's options as the findings advise, and says how to train by them; with --prove
/// trains both.
void apply_advice(const diagnose::Facts& facts, const std::vector<diagnose::Finding>& findings,
                  const Flags& flags, ThreadPool& threads, Terminal& terminal) {
  if (!facts.options_are_known)
    fail("--apply changes the options of a run; give a run's folder, not a model's file");
  const data::Dataset dataset = data::open(facts.options.data, threads);
  const diagnose::Advised advised =
      diagnose::follow_advice(facts.options, findings, dataset, threads);
  const train::Options& changed = advised.options;
  for (const diagnose::Applied& applied : advised.applied) {
    std::string list;
    for (const diagnose::Change& change : applied.changes)
      list += concat(" ", change.flag, " ", change.value.empty() ? "''" : shell_word(change.value));
    terminal.say(concat("against ", applied.cause, ":", list));
  }
  if (!flags.apply.empty()) {
    const fs::path out = flags.apply, config = out / "config.toml";
    make_folder(out);
    write_file(config, diagnose::config_text(changed));
    terminal.say(concat("to train so: rectify train --config ", shell_word(config.string()),
                        " --out ", shell_word((out / "run").string())));
  }
  if (flags.prove) prove(facts.options, changed, flags.seeds, dataset, threads, terminal);
}

/// The commands that train a run anew with the first finding's changes; empty where no flag can
/// make them.
std::string command_of_mend(const diagnose::Facts& facts,
                            const std::vector<diagnose::Finding>& findings, const Flags& flags) {
  if (!facts.options_are_known || findings.empty() || findings.front().changes.empty()) return {};
  const fs::path run = fs::path(flags.model + "/.").parent_path();
  const bool named = run.filename() != "." && run.filename() != "..";
  const fs::path out = !flags.apply.empty() ? fs::path(flags.apply)
                       : named              ? fs::path(run.string() + "-mended")
                                            : run / "mended";
  return concat("rectify diagnose ", shell_word(flags.model),
                flags.data.empty() ? "" : " --data " + shell_word(flags.data), " --apply ",
                shell_word(out.string()), "\nrectify train --config ",
                shell_word((out / "config.toml").string()), " --out ",
                shell_word((out / "run").string()));
}

/// What is looked at. A run is judged by its last weights on the samples that it held out.
void declare_subject(Arguments args, Flags& flags) {
  args.option("model", flags.model, "A safetensors or ONNX file, or the folder of a run")
      .type_name("MODEL")
      .required();
  args.option("--data", flags.data, "Data SPEC; without it, what the run was trained on")
      .type_name("SPEC");
  args.option(
          "--split", flags.split,
          "Of a file: test, train, or all of data without a test split; a run is judged on what "
          "it held out")
      .type_name("SPLIT");
  declare_onnx(args, flags.onnx);
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_subject(args, *flags);
  args.option("--apply", flags->apply,
              "Of a run: writes DIR/config.toml, its options with the first finding's changes and "
              "what shows then")
      .type_name("DIR");
  args.flag("--prove", flags->prove,
            "Trains the run as it was and with these changes, and compares their test errors");
  args.option("--seeds", flags->seeds, "Of --prove: trainings of each");
  declare_diagnosis(args, *flags, flags->fail);
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    if (flags->seeds < 1 || flags->seeds > 100)
      fail("--seeds must be 1 to 100, not ", flags->seeds);
    const bool is_run = fs::exists(fs::path(flags->model) / "state.safetensors");
    if (is_run && is_given(args, "--split"))
      fail("--split is for a model's file; a run is judged on the samples that it held out");
    open_diagnosis_folder(*flags);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const diagnose::Facts facts = is_run ? facts_of_folder(*flags, threads, terminal)
                                         : facts_of_file(*flags, threads, terminal);
    const auto findings = diagnose::diagnose(facts);
    const int code = tell({.facts = facts,
                           .findings = findings,
                           .subject = flags->model,
                           .command = command_of_mend(facts, findings, *flags)},
                          *flags, flags->fail, terminal);
    if (!flags->apply.empty() || flags->prove)
      apply_advice(facts, findings, *flags, threads, terminal);
    return code;
  };
}

}  // namespace

std::span<const Verb> diagnose() {
  static const Verb all[] = {{"diagnose", "Says what is wrong with a network, and what to change",
                              "rectify diagnose mnist-relu --out diagnosis", declare}};
  return all;
}

}  // namespace rectify::cli::ops
