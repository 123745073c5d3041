#pragma once

#include <cstdint>
#include <functional>
#include <iosfwd>
#include <memory>
#include <string>
#include <vector>

#include "rectify/base/error.h"

// The command line as the program sees it. What reads the words is CLI11, whose header takes
// seconds to compile: arguments.cpp alone includes it.
namespace CLI {
class App;
class Option;
}  // namespace CLI

namespace rectify::cli {

/// A flag or a positional argument, as its verb declared it, with what was typed.
struct Declared {
  std::string name;         ///< "--epochs"; of a positional "model"
  std::string type;         ///< what help shows for its value: "INT"; empty for a flag without one
  std::string description;  ///< a sentence
  std::string initial;      ///< its value when it is not given; may be empty
  bool positional = false, required = false;
  bool optional_value = false;     ///< the flag may stand alone
  bool configurable = true;        ///< belongs in a config.toml
  std::vector<std::string> typed;  ///< its values on the command line; none: it was not given
};

/// More to say of an argument that has just been declared. A handle: copies mean the same argument.
class Option {
 public:
  explicit Option(CLI::Option* option) : option_(option) {}

  /// What help shows for the value, and completion offers words for (cli/describe.cpp).
  Option& type_name(const std::string& type);
  /// The heading in the help that it stands under.
  Option& group(const std::string& heading);
  Option& required();
  /// Whether a config.toml has it; what is said of one run alone is left out there.
  Option& configurable(bool belongs);
  /// The flag may stand without its value.
  Option& optional_value();
  /// Both together are refused.
  Option& excludes(const Option& other);
  /// `wrong` returns what is wrong with a value, or nothing.
  Option& check(const std::function<std::string(const std::string&)>& wrong);

  bool given() const;

 private:
  CLI::Option* option_;
};

/// The command line of one verb, or of a word below it: what it takes is declared here, with the
/// variable that will hold it and whose value is the default.
///
///     args.option("--epochs", flags->epochs, "Epochs at most");
///     args.option("--out", flags->out, "Folder for the results").type_name("DIR").required();
///     args.flag("--force", flags->force, "Start again in a folder that is not empty");
///
/// A name without hyphens is a positional argument. The variables must outlive parse(). A handle:
/// copies mean the same command.
class Arguments {
 public:
  explicit Arguments(CLI::App* app) : app_(app) {}

  /// A value: any text, or a number, whose kind is checked.
  Option option(const std::string& name, std::string& value, const std::string& help);
  Option option(const std::string& name, int& value, const std::string& help);
  Option option(const std::string& name, std::int64_t& value, const std::string& help);
  Option option(const std::string& name, std::uint64_t& value, const std::string& help);
  Option option(const std::string& name, double& value, const std::string& help);
  /// Any number of texts.
  Option option(const std::string& name, std::vector<std::string>& values, const std::string& help);
  /// A text that `set` takes; `initial` is what help shows as its default.
  Option option(const std::string& name, std::function<void(const std::string&)> set,
                const std::string& initial, const std::string& help);
  /// A value that is read elsewhere, for the help alone.
  Option option(const std::string& name, const std::string& help);
  /// True when it is given.
  Option flag(const std::string& name, bool& value, const std::string& help);

  /// A word below this one, with arguments of its own.
  Arguments command(const std::string& name, const std::string& summary);
  /// One of the words below must follow.
  void require_command();
  /// What this command does not know, the one above it may.
  void fallthrough();
  /// Ends the help and the manual page with a line to try.
  void example(const std::string& line);

  std::string name() const;
  std::string summary() const;
  std::string footer() const;
  /// What has been declared, in that order; after parse() with what was typed.
  std::vector<Declared> declared() const;
  std::vector<Arguments> commands() const;
  Arguments parent() const;
  /// Whether the word was typed.
  bool chosen() const;

 protected:
  CLI::App* app_;
};

/// A command line that cannot be followed.
struct BadCommand : Error {
  using Error::Error;
};

/// The whole program: its verbs are the commands below it.
class Program : public Arguments {
 public:
  Program(const std::string& name, const std::string& summary, const std::string& footer,
          std::function<std::string()> version);
  ~Program();

  /// Reads the words after the program's name into the variables. False when they ask for help or
  /// the version, which is printed. Throws BadCommand.
  bool parse(std::vector<std::string> words);

 private:
  std::unique_ptr<CLI::App> owned_;
};

}  // namespace rectify::cli
