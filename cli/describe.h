#pragma once

#include <CLI/CLI.hpp>
#include <string>
#include <string_view>
#include <vector>

namespace rectify::cli {

/// What can be typed where a value is wanted.
struct Offer {
  enum class Paths { none, files, folders };
  std::vector<std::string> words;
  bool list = false;  ///< several words with commas between
  Paths paths = Paths::none;
};

/// A flag or a positional argument, as its verb declared it.
struct Argument {
  std::string name;         ///< "--epochs"; of a positional "model"
  std::string type;         ///< what help shows for its value: "INT"; empty for a flag without one
  std::string description;  ///< a sentence
  std::string initial;      ///< its value when it is not given; may be empty
  bool positional = false, required = false;
  bool optional_value = false;  ///< the flag may stand alone
  Offer offer;
};

/// The program, a verb, or a word after a verb.
struct Command {
  std::vector<std::string> path;  ///< {"data", "show"}; empty for the program
  std::string summary, footer;
  std::vector<Argument> arguments;
  std::vector<Command> commands;
};

/// Everything that `app` and the commands below it declare. Throws Error for a type that
/// offer_for() does not know.
Command describe(const CLI::App& app);

/// What can be typed for a value whose help says `type`: names for "OPTIMIZER", files for "FILE".
/// Throws Error for a type that nobody has told it of, so that none is forgotten.
Offer offer_for(std::string_view type);

/// `command` and all below it, in the order of their declaration.
std::vector<const Command*> flatten(const Command& command);

/// "rectify data show", or with another word between.
std::string name_of(const Command& command, std::string_view between = " ");

}  // namespace rectify::cli
