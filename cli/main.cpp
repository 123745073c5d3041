#include <algorithm>
#include <cstdio>
#include <cstdlib>
#include <exception>
#include <mutex>
#include <new>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "cli/config.h"
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

/// The word below `args` that was typed; null when there is none.
std::optional<Arguments> chosen_below(const Arguments& args) {
  for (const Arguments& command : args.commands())
    if (command.chosen()) return command;
  return std::nullopt;
}

/// The verb that was typed and the words below it; empty without a verb.
std::vector<Arguments> chosen_commands(const Program& program) {
  std::vector<Arguments> levels;
  for (auto next = chosen_below(program); next; next = chosen_below(*next)) levels.push_back(*next);
  return levels;
}

/// "there is no --epocs; did you mean '--epochs'?" for the first such flag; empty when all are
/// known.
std::string unknown_flag(const std::vector<Arguments>& levels,
                         const std::vector<std::string>& words) {
  if (levels.empty()) return {};
  std::vector<std::string> known;
  for (const Arguments& level : levels)
    for (const Declared& argument : level.declared())
      if (!argument.positional) known.push_back(argument.name);
  for (const std::string& word : words) {
    const std::string flag = word.substr(0, word.find('='));
    if (!flag.starts_with("--") || std::ranges::count(known, flag) > 0) continue;
    const std::string near = nearest(flag, known);
    return "there is no " + flag + (near.empty() ? "" : "; did you mean '" + near + "'?");
  }
  return {};
}

/// "--epochs wants a whole number, not 'many'" for CLI11's own words of that.
std::string reworded(const Arguments& args, const std::string& text) {
  constexpr std::string_view cannot = "Could not convert: ";
  const std::size_t equals = text.find(" = ");
  if (!text.starts_with(cannot) || equals == std::string::npos) return text;
  const std::string name = text.substr(cannot.size(), equals - cannot.size());
  std::string type;
  for (const Declared& argument : args.declared())
    if (argument.name == name) type = argument.type;
  const char* wanted = type == "INT"    ? "a whole number"
                       : type == "UINT" ? "a whole number from 0 on"
                                        : "a number";
  return concat(name, " wants ", wanted, ", not '", text.substr(equals + 3), "'");
}

/// Says what is wrong with a command line; its exit code.
int refuse(const Program& program, const BadCommand& error, const CommandLine& line,
           Terminal& terminal) {
  const std::vector<Arguments> levels = chosen_commands(program);
  std::string command = "rectify";
  for (const Arguments& level : levels) command += " " + level.name();
  std::string text = unknown_flag(levels, line.words);
  if (text.empty()) text = reworded(levels.empty() ? program : levels.back(), error.what());
  if (!line.config.empty()) text += " (flags come from '" + line.config + "' too)";
  terminal.error(text + "; see " + command + " --help");
  return exit_bad_command;
}

/// What every verb takes, and every word below one.
void declare_output(Arguments args, Terminal& terminal) {
  args.flag("--quiet", terminal.quiet, "No progress on stderr").configurable(false);
  args.flag("--json", terminal.json, "Print the result as one JSON document").configurable(false);
}

int run(std::vector<std::string> words, Terminal& terminal) {
  instruction_set();  // a RECTIFY_ISA that cannot be had is told before anything is done
  Program program(
      "rectify", "Trains, compares and looks into rectifier networks on CPUs.",
      "Start with:\n  rectify compare --data glyphs --activations relu,tanh,sigmoid \\\n"
      "      --hidden 256,256 --epochs 5 --out first\n",
      version_text);
  std::vector<std::string> names;
  std::vector<std::pair<Arguments, Action>> declared;
  for (const Verb* verb : verbs()) {
    names.emplace_back(verb->name);
    Arguments args = program.command(names.back(), std::string(verb->summary));
    args.example(std::string(verb->example));
    declare_output(args, terminal);
    declared.emplace_back(args, verb->declare(args));
    for (const Arguments& below : args.commands()) declare_output(below, terminal);
  }
  if (!words.empty() && !words[0].starts_with('-') &&
      std::find(names.begin(), names.end(), words[0]) == names.end()) {
    terminal.error(concat("there is no verb '", words[0], "'", suggestion(words[0], names)));
    return exit_bad_command;
  }
  const CommandLine line = expand_config(std::move(words));
  try {
    if (!program.parse(line.words)) return exit_done;
  } catch (const BadCommand& error) {
    return refuse(program, error, line, terminal);
  }
  for (const auto& [args, action] : declared)
    if (args.chosen()) return action(terminal);
  return exit_bad_command;
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
