// rectify preflight: what can be known of a training before it begins.

#include <memory>

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

Action declare(Arguments args) {
  auto flags = std::make_shared<Flags>();
  declare_asked(args, *flags);
  args.flag("--fail", flags->fail, "Exit with 4 when there is a fault").configurable(false);
  args.flag("--rules", flags->rules, "Prints what is looked for, as a table in Markdown")
      .configurable(false);
  declare_threads(args, *flags);
  return [flags, args](Terminal& terminal) {
    if (flags->rules) return terminal.print(report::rules_page()), exit_done;
    ThreadPool threads(flags->threads);
    const run::WarmUp products;
    const Asked asked = open_asked(args, *flags, threads);
    for (const std::string& note : asked.dataset.notes) terminal.say(note);
    const diagnose::Facts facts = diagnose::facts_before(flags->options, asked.dataset, threads);
    return print_diagnosis(facts, diagnose::diagnose(facts), flags->fail, terminal);
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
