#pragma once

#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"

namespace rectify::cli {

/// What can be typed where a value is wanted.
struct Offer {
  enum class Paths { none, files, folders };
  std::vector<std::string> words;
  bool list = false;  ///< several words with commas between
  Paths paths = Paths::none;
};

/// A flag or a positional argument, with what can be typed for it.
struct Argument : Declared {
  Offer offer;
};

/// The program, a verb, or a word after a verb.
struct Command {
  std::vector<std::string> path;  ///< {"data", "show"}; empty for the program
  std::string summary, footer;
  std::vector<Argument> arguments;
  std::vector<Command> commands;
};

/// Everything that `program` and the commands below it declare. Throws Error for a type that
/// offer_for() does not know.
Command describe(const Arguments& program);

/// What can be typed for a value whose help says `type`: names for "OPTIMIZER", files for "FILE".
/// Throws Error for a type that nobody has told it of, so that none is forgotten.
Offer offer_for(std::string_view type);

/// `command` and all below it, in the order of their declaration.
std::vector<const Command*> flatten(const Command& command);

/// "rectify data show", or with another word between.
std::string name_of(const Command& command, std::string_view between = " ");

}  // namespace rectify::cli
