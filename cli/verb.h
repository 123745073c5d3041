#pragma once

#include <functional>
#include <span>
#include <string_view>

#include "cli/arguments.h"
#include "cli/terminal.h"

namespace rectify::cli {

/// What a verb does once the command line has been read; its result is the exit code.
using Action = std::function<int(Terminal& terminal)>;

/// One word after `rectify`: one file of cli/verbs/.
struct Verb {
  std::string_view name;
  std::string_view summary;
  std::string_view example;
  /// Declares the verb's flags and returns what to do with them.
  Action (*declare)(Arguments args);
};

/// All verbs: those of every file in cli/verbs/ (the build collects them).
std::span<const Verb* const> verbs();

}  // namespace rectify::cli
