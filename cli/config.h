#pragma once

#include <istream>
#include <set>
#include <string>
#include <vector>

namespace rectify::cli {

/// A line `name = value` of a config file; items of a list have commas between.
struct ConfigLine {
  std::string name, value;
};

/// The lines of a config file, TOML without sections, in which a text may also stand without
/// quotes. Throws Error, naming the file, for what is no such file.
std::vector<ConfigLine> read_config(std::istream& in, const std::string& file);

/// What was typed, or would have been without a config file.
struct CommandLine {
  std::vector<std::string> words;
  std::string config;  ///< the file whose flags are among the words; may be empty
};

/// Replaces `--config FILE` in a command line by the flags that the file holds; what is typed
/// beside it wins. Throws Error when the file cannot be read.
CommandLine expand_config(std::vector<std::string> words);

/// The `--name=value` of what a config file says, without those in `typed`. Throws Error, naming
/// the file, where it is not lines of `name = value`.
std::vector<std::string> flags_of_config(std::istream& in, const std::string& file,
                                         const std::set<std::string>& typed);

}  // namespace rectify::cli
