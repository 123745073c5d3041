#include "cli/completion.h"

#include "cli/flags.h"
#include "rectify/base/error.h"
#include "rectify/base/text.h"

namespace rectify::cli {

namespace {

std::string joined(const std::vector<std::string>& words) {
  std::string text;
  for (const std::string& word : words) text += (text.empty() ? "" : " ") + word;
  return text;
}

std::vector<std::string> names_below(const Command& command) {
  std::vector<std::string> names;
  for (const Command& sub : command.commands) names.push_back(sub.path.back());
  return names;
}

/// `text` with `by` in the place of every `what`.
std::string replaced(std::string text, const std::string& what, const std::string& by) {
  for (std::size_t at = 0; (at = text.find(what, at)) != std::string::npos; at += by.size())
    text.replace(at, what.size(), by);
  return text;
}

/// `text` with a backslash before each of `special`.
std::string escaped(std::string_view text, std::string_view special) {
  std::string out;
  for (const char c : text) {
    if (special.find(c) != std::string_view::npos) out += '\\';
    out += c;
  }
  return out;
}

constexpr const char* bash_head =
    R"(# Completion of rectify for bash, made by `rectify completion bash`.
_rectify_words() {  # the words that go on from $cur
  COMPREPLY=($(compgen -W "$1" -- "$cur"))
  [[ ${#COMPREPLY[@]} == 1 && ${COMPREPLY[0]} == *: ]] && compopt -o nospace
}
_rectify_list() {  # the same behind the last comma
  local before=
  [[ $cur == *,* ]] && before=${cur%,*},
  compopt -o nospace
  COMPREPLY=($(compgen -P "$before" -W "$1" -- "${cur##*,}"))
}
_rectify_paths() {  # -f or -d
  compopt -o filenames
  local IFS=$'\n'
  COMPREPLY=($(compgen "$1" -- "$cur"))
}
_rectify() {
  local cur=${COMP_WORDS[COMP_CWORD]} before=${COMP_WORDS[COMP_CWORD-1]} command= flag= i
  for ((i = 1; i < COMP_CWORD; ++i)); do
    case "$command ${COMP_WORDS[i]}" in
      @COMMANDS@) command+=" ${COMP_WORDS[i]}" ;;
    esac
  done
  # Readline makes words of their own of = and :
  if [[ $before == : || $cur == : ]]; then
    [[ $cur == : ]] && cur=
    _rectify_paths -f
    return
  elif [[ $cur == = ]]; then
    flag=$before cur=
  elif [[ $before == = ]]; then
    flag=${COMP_WORDS[COMP_CWORD-2]}
  elif [[ $before == --* ]]; then
    flag=$before
  fi
  case "$command $flag" in
)";

std::string bash_action(const Offer& offer) {
  if (offer.list) return "_rectify_list '" + joined(offer.words) + "'";
  if (!offer.words.empty()) return "_rectify_words '" + joined(offer.words) + "'";
  if (offer.paths == Offer::Paths::files) return "_rectify_paths -f";
  if (offer.paths == Offer::Paths::folders) return "_rectify_paths -d";
  return ":";
}

std::string bash_of(const Command& program) {
  std::string commands, values, rest;
  for (const Command* command : flatten(program)) {
    const std::string path = name_of(*command).substr(std::string("rectify").size());
    if (command != &program) commands += (commands.empty() ? "'" : "|'") + path + "'";
    std::string flags, action;
    for (const Argument& a : command->arguments) {
      if (a.positional)
        action = bash_action(a.offer);
      else
        flags += (flags.empty() ? "" : " ") + a.name;
      if (!a.positional && !a.type.empty())
        values += concat("    '", path, " ", a.name, "') ", bash_action(a.offer), "; return ;;\n");
    }
    if (!command->commands.empty())
      action = "_rectify_words '" + joined(names_below(*command)) + "'";
    if (action.empty()) action = ":";
    rest += concat("    '", path, "') if [[ $cur == -* ]]; then _rectify_words '", flags,
                   "'; else ", action, "; fi ;;\n");
  }
  return replaced(bash_head, "@COMMANDS@", commands) + values + "  esac\n  case \"$command\" in\n" +
         rest + "  esac\n}\ncomplete -F _rectify rectify\n";
}

std::string zsh_text(std::string_view text) { return escaped(text, "[]:\\"); }

/// ":OPTIMIZER:(sgd adam)", what _arguments calls a message and an action.
std::string zsh_value(const Argument& a) {
  std::string action = " ";
  if (a.offer.list)
    action = "_values -s , " + a.name + " " + joined(a.offer.words);
  else if (a.type == "SPEC")
    action = "_rectify_spec";
  else if (!a.offer.words.empty())
    action = "(" + joined(a.offer.words) + ")";
  else if (a.offer.paths == Offer::Paths::files)
    action = "_files";
  else if (a.offer.paths == Offer::Paths::folders)
    action = "_files -/";
  return (a.optional_value ? "::" : ":") + zsh_text(a.type) + ":" + action;
}

std::string zsh_of(const Command& program) {
  std::string text = "#compdef rectify\n# Made by `rectify completion zsh`.\n";
  text += concat("_rectify_spec() {\n  if compset -P '*:'; then _files\n  else compadd -S '' -- ",
                 joined(offer_for("SPEC").words), "\n  fi\n}\n");
  for (const Command* command : flatten(program)) {
    text += concat(name_of(*command, "_").insert(0, "_"), "() {\n  local state line\n",
                   "  typeset -A opt_args\n  _arguments -C");
    for (const Argument& a : command->arguments) {
      const std::string value = a.type.empty() ? "" : zsh_value(a);
      const std::string spec =
          a.positional ? "1" + value : concat(a.name, "[", zsh_text(a.description), "]", value);
      text += " \\\n    " + shell_word(spec);
    }
    if (!command->commands.empty())
      text += " \\\n    '1:command:->command' '*::argument:->argument'";
    text += "\n";
    if (!command->commands.empty()) {
      text += "  case $state in\n    command)\n      local -a commands=(";
      for (const Command& sub : command->commands)
        text += "\n        " + shell_word(sub.path.back() + ":" + escaped(sub.summary, ":"));
      text += ")\n      _describe command commands ;;\n    argument)\n      case $words[1] in\n";
      for (const Command& sub : command->commands)
        text += concat("        ", sub.path.back(), ") _", name_of(sub, "_"), " ;;\n");
      text += "      esac ;;\n  esac\n";
    }
    text += "}\n";
  }
  return text + "_rectify \"$@\"\n";
}

/// When fish offers what belongs to `command`: its words have been typed.
std::string fish_condition(const Command& command) {
  std::string text;
  for (const std::string& word : command.path)
    text += (text.empty() ? "" : "; and ") + ("__fish_seen_subcommand_from " + word);
  const std::string below = joined(names_below(command));
  if (!below.empty() && !command.path.empty())
    text += "; and not __fish_seen_subcommand_from " + below;
  return text.empty() ? "__fish_use_subcommand" : text;
}

std::string fish_values(const Offer& offer) {
  const std::string words = joined(offer.words);
  if (offer.list) return " -x -a '(__fish_complete_list , \"printf %s\\\\\\n " + words + "\")'";
  if (!offer.words.empty()) return " -x -a '" + words + "'";
  if (offer.paths == Offer::Paths::files) return " -r -F";
  if (offer.paths == Offer::Paths::folders) return " -x -a '(__fish_complete_directories)'";
  return " -x";
}

std::string fish_word(const std::string& text) { return "'" + escaped(text, "'\\") + "'"; }

std::string fish_of(const Command& program) {
  std::string text = "# Made by `rectify completion fish`.\ncomplete -c rectify -f\n";
  for (const Command* command : flatten(program)) {
    const std::string start = "complete -c rectify -n '" + fish_condition(*command) + "'";
    for (const Command& sub : command->commands)
      text += concat(start, " -a ", sub.path.back(), " -d ", fish_word(sub.summary), "\n");
    for (const Argument& a : command->arguments) {
      const std::string values = a.type.empty() ? "" : fish_values(a.offer);
      if (a.positional)
        text += start + replaced(values, " -x", "") + "\n";
      else
        text += concat(start, " -l ", a.name.substr(2), a.optional_value ? " -F" : values, " -d ",
                       fish_word(a.description), "\n");
    }
  }
  return text;
}

}  // namespace

std::string completion(const Command& program, const std::string& shell) {
  if (shell == "bash") return bash_of(program);
  if (shell == "zsh") return zsh_of(program);
  if (shell == "fish") return fish_of(program);
  fail("there is no completion for '", shell, "'", suggestion(shell, offer_for("SHELL").words),
       "; it is made for bash, zsh and fish");
}

}  // namespace rectify::cli
