// rectify preflight: what can be known of a training before it begins.

#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/asked.h"
#include "cli/diagnosing.h"
#include "cli/verb.h"
#include "rectify/diagnose/rules.h"
#include "rectify/report/diagnosis.h"
#include "rectify/run/warm_up.h"

namespace rectify::cli::ops {

namespace {

struct Flags : AskedFlags {
  bool fail = false, rules = false;
};

std::string list_of(const std::vector<std::string>& values) {
  std::string list;
  for (const std::string& value : values) list += (list.empty() ? "" : ",") + value;
  return list;
}

/// The command that trains as was asked, with the first finding's changes; empty where it has none.
std::string command_with(const Arguments& args, const std::vector<diagnose::Finding>& findings) {
  if (findings.empty() || findings.front().changes.empty()) return {};
  std::map<std::string, std::string> changes;
  for (const diagnose::Change& change : findings.front().changes)
    changes[change.flag] = change.value;
  const bool other_model = changes.contains("--model");
  std::string command = "rectify train";
  const auto add = [&](const std::string& flag, const std::string& value) {
    if (!value.empty()) command += " " + flag + " " + shell_word(value);
  };
  for (const Declared& flag : args.declared()) {
    // A network's text says what --hidden and --activation have said.
    if (other_model && (flag.name == "--hidden" || flag.name == "--activation")) continue;
    if (const auto change = changes.find(flag.name); change != changes.end())
      add(flag.name, change->second);
    else if (flag.configurable && !flag.positional)
      add(flag.name, list_of(flag.typed));
  }
  return command;
}

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_asked(args, *flags);
  declare_diagnosis(args, *flags, flags->fail);
  args.flag("--rules", flags->rules, "Prints what is looked for, as a table in Markdown")
      .configurable(false);
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    if (flags->rules) return terminal.print(report::rules_page()), exit_done;
    open_diagnosis_folder(*flags);
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const Asked asked = open_asked(args, *flags, threads);
    for (const std::string& note : asked.dataset.notes) terminal.say(note);
    const diagnose::Facts facts = diagnose::facts_before(flags->options, asked.dataset, threads);
    const auto findings = diagnose::diagnose(facts);
    return tell({.facts = facts,
                 .findings = findings,
                 .subject = {},
                 .command = command_with(args, findings)},
                *flags, flags->fail, terminal);
  };
}

}  // namespace

std::span<const Verb> preflight() {
  static const Verb all[] = {{"preflight", "Looks for faults before training",
                              "rectify preflight --data mnist:data/mnist --hidden 256,256 --lr 0.1",
                              declare}};
  return all;
}

}  // namespace rectify::cli::ops
