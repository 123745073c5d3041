#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <string>
#include <string_view>
#include <vector>

#include "cli/config.h"
#include "cli/help.h"
#include "cli/verb.h"
#include "rectify/base/bfloat16.h"
#include "rectify/base/error.h"
#include "rectify/base/instruction_set.h"
#include "rectify/base/text.h"
#include "rectify/base/version.h"
#include "rectify/lab/stopped.h"
#include "rectify/run/backend.h"
#include "rectify/run/profile.h"
#include "rectify/train/trainer.h"

namespace rectify::cli {

namespace {

std::string version_text() {
  const std::string_view set = rounds_by_instruction ? "avx512_bf16" : instruction_set();
  return concat("rectify ", version, ", ", set, ", oneDNN ", run::onednn_version(), " with ",
                run::onednn_instruction_set(), ", ", available_processors(), " threads");
}

/// "there is no --epocs; did you mean '--epochs'?" for the first such flag; empty when all are
/// known.
std::string unknown_flag(const CLI::App& app, const std::vector<std::string>& words) {
  if (app.get_subcommands().empty()) return {};
  std::vector<std::string> known;
  const CLI::App* verb = app.get_subcommands()[0];
  std::vector<const CLI::App*> levels = {verb};
  for (const CLI::App* sub : verb->get_subcommands()) levels.push_back(sub);
  for (const CLI::App* level : levels)
    for (const CLI::Option* option : level->get_options())
      for (const std::string& name : option->get_lnames()) known.push_back("--" + name);
  for (const std::string& word : words) {
    const std::string flag = word.substr(0, word.find('='));
    if (!flag.starts_with("--") || std::ranges::count(known, flag) > 0) continue;
    const std::string near = nearest(flag, known);
    return "there is no " + flag + (near.empty() ? "" : "; did you mean '" + near + "'?");
  }
  return {};
}

/// "--epochs wants a whole number, not 'many'" for CLI11's own words of that.
std::string reworded(const CLI::App& verb, const std::string& text) {
  constexpr std::string_view cannot = "Could not convert: ";
  const std::size_t equals = text.find(" = ");
  if (!text.starts_with(cannot) || equals == std::string::npos) return text;
  const std::string flag = text.substr(cannot.size(), equals - cannot.size());
  const CLI::Option* option = verb.get_option_no_throw(flag);
  const std::string type = option ? option->get_type_name() : "";
  const char* wanted = type == "INT"    ? "a whole number"
                       : type == "UINT" ? "a whole number from 0 on"
                                        : "a number";
  return concat(flag, " wants ", wanted, ", not '", text.substr(equals + 3), "'");
}

/// Exit code of a command line that CLI11 did not accept, or answered by itself (--help).
int answer(const CLI::App& app, const CLI::ParseError& error, const CommandLine& line,
           Terminal& terminal) {
  if (error.get_exit_code() == 0) return app.exit(error);
  const CLI::App* verb = &app;
  std::string command = "rectify";
  while (!verb->get_subcommands().empty()) {
    verb = verb->get_subcommands().back();
    command += " " + verb->get_name();
  }
  std::string text = unknown_flag(app, line.words);
  if (text.empty()) text = reworded(*verb, error.what());
  if (!line.config.empty()) text += " (flags come from '" + line.config + "' too)";
  terminal.error(text + "; see " + command + " --help");
  return exit_bad_command;
}

int run(std::vector<std::string> words, Terminal& terminal) {
  instruction_set();  // a RECTIFY_ISA that cannot be had is told before anything is done
  CLI::App app("Trains, compares and looks into rectifier networks on CPUs.", "rectify");
  app.formatter(help_formatter());
  app.set_version_flag("--version", version_text);
  app.require_subcommand(1);
  app.footer(
      "Start with:\n  rectify compare --data glyphs --activations relu,tanh,sigmoid "
      "--hidden 256,256 --epochs 5 --out first\n");
  std::vector<std::string> names;
  Action action;
  for (const Verb* verb : verbs()) {
    names.emplace_back(verb->name);
    CLI::App* sub = app.add_subcommand(std::string(verb->name), std::string(verb->summary));
    give_example(*sub, verb->example);
    sub->option_defaults()->always_capture_default();
    sub->add_flag("--quiet", terminal.quiet, "No progress on stderr")->configurable(false);
    sub->add_flag("--json", terminal.json, "Print the result as one JSON document")
        ->configurable(false);
    sub->callback([&action, declared = verb->declare(*sub)] { action = declared; });
  }
  if (!words.empty() && !words[0].starts_with('-') &&
      std::find(names.begin(), names.end(), words[0]) == names.end()) {
    terminal.error(concat("there is no verb '", words[0], "'", suggestion(words[0], names)));
    return exit_bad_command;
  }
  const CommandLine line = expand_config(std::move(words));
  try {
    app.parse(std::vector(line.words.rbegin(), line.words.rend()));  // the order that CLI11 wants
  } catch (const CLI::ParseError& error) {
    return answer(app, error, line, terminal);
  }
  return action(terminal);
}

/// With RECTIFY_VERBOSE=1, a line on stderr for every step that is made or run.
void tell_steps_when_asked(Terminal& terminal) {
  const char* asked = std::getenv("RECTIFY_VERBOSE");
  if (!asked || std::string_view(asked) != "1") return;
  run::observe_steps([&terminal](const run::StepProfile& step) {
    static std::mutex one_at_a_time;
    const std::lock_guard lock(one_at_a_time);
    const std::string took =
        step.runs == 0 ? "made" : "run " + fixed_text(1e6 * step.seconds, 1) + " us";
    terminal.say(concat(took, ": ", step.op, " ", step.label,
                        step.fused ? concat(" +", step.fused) : "", ", ", step.implementation, ", ",
                        step.shape));
  });
}

}  // namespace
}  // namespace rectify::cli

int main(int count, char** words) {
  using namespace rectify;
  cli::Terminal terminal;
  cli::survive_writes();
  cli::tell_steps_when_asked(terminal);
  try {
    return cli::run({words + 1, words + count}, terminal);
  } catch (const lab::Stopped& stopped) {
    terminal.say(std::string("interrupted: ") + stopped.what());
    return cli::exit_interrupted;
  } catch (const train::NonFinite& error) {
    terminal.error(error.what());
    return cli::exit_non_finite;
  } catch (const Error& error) {
    terminal.error(error.what());
  } catch (const std::bad_alloc&) {
    terminal.error("there is not enough memory; make the model, the batch or the data smaller");
  } catch (const std::exception& error) {
    terminal.error(error.what());
  }
  return cli::exit_bad_value;
}
