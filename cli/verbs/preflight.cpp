// rectify preflight: what can be known of a training before it begins.

#include <algorithm>
#include <map>
#include <memory>
#include <string>
#include <vector>

#include "cli/asked.h"
#include "cli/diagnosing.h"
#include "cli/verb.h"
#include "rectify/base/error.h"
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

using Suited = std::map<std::string, std::string, std::less<>>;

/// A typed rate leaves out what goes with the rate that suits the data (train/suit.h), so whoever
/// types an advised one has to type that as well.
void keep_what_suits(std::vector<diagnose::Finding>& findings, const Suited& suited) {
  for (diagnose::Finding& finding : findings) {
    std::vector<diagnose::Change>& changes = finding.changes;
    if (std::ranges::find(changes, "--lr", &diagnose::Change::flag) == changes.end()) continue;
    std::string beside;
    for (const char* flag : {"--optimizer", "--weight-decay", "--batch"}) {
      const auto value = suited.find(flag);
      const bool has = std::ranges::find(changes, flag, &diagnose::Change::flag) != changes.end();
      if (value == suited.end() || has) continue;
      changes.push_back({flag, value->second});
      beside += concat(" ", flag, " ", value->second);
    }
    if (!beside.empty())
      finding.advice += "; with" + beside + ", which a rate of your own leaves out";
  }
}

/// The command that trains as was asked, with what the data decided and the first finding's
/// changes; empty where it has none.
std::string command_with(const Arguments& args, const std::vector<diagnose::Finding>& findings,
                         const Suited& suited) {
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
    else if (flag.configurable && !flag.positional && !flag.typed.empty())
      add(flag.name, list_of(flag.typed));
    else if (const auto value = suited.find(flag.name); value != suited.end())
      add(flag.name, value->second);
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
    auto findings = diagnose::diagnose(facts);
    keep_what_suits(findings, asked.suited);
    return tell({.facts = facts,
                 .findings = findings,
                 .subject = {},
                 .command = command_with(args, findings, asked.suited)},
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
