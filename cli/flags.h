#pragma once

#include <cstdint>
#include <functional>
#include <initializer_list>
#include <map>
#include <string>
#include <string_view>
#include <vector>

#include "cli/arguments.h"
#include "rectify/base/enumeration.h"
#include "rectify/data/splits/task.h"
#include "rectify/graph/zoo.h"
#include "rectify/train/options.h"

namespace rectify::cli {

/// Flags that mean the same wherever they stand (docs/contracts.md).
struct CommonFlags {
  std::string out;
  bool force = false;
  int threads = 0;  ///< 0: one for each processor
};
void declare_out(Arguments args, CommonFlags& flags, const std::string& initial);
void declare_threads(Arguments args, CommonFlags& flags);

/// What the flags of training set: train::Options, and `--lr` as a word.
struct TrainingFlags {
  train::Options options;
  std::string lr;  ///< a number, or "auto"
  data::Task task = data::Task::automatic;
};

/// Declares a flag for each row of train::option_table(), in its group, but for those that
/// `left_out` names as JSON does; and --config.
void declare_training(Arguments args, TrainingFlags& flags, const std::string& initial_lr,
                      const std::vector<std::string_view>& left_out);

/// Whether a search is asked for; otherwise sets options.lr. Throws Error for what is no number.
bool wants_search(TrainingFlags& flags);

/// A flag whose value is a name of the enumeration, and which throws Error for any other text.
template <class Enum>
Option named_option(Arguments args, const std::string& flag, Enum& value, const std::string& help) {
  const auto set = [what = flag.substr(2), &value](const std::string& text) {
    value = parse_name<Enum>(what, text);
  };
  return args.option(flag, set, std::string(rectify::name_of(value)), help);
}

/// A check of a value: a whole number that is not negative.
std::string check_seed(const std::string& text);

/// A network: one of its own, or widths of hidden layers.
struct NetworkFlags {
  std::string model, hidden{graph::usual_hidden};
};

/// --model, with more to say of it, and --hidden.
void declare_network(Arguments args, NetworkFlags& flags, const std::string& more);

/// The text of --model, empty without it. Throws Error for what is no network, and where both are
/// given.
std::string own_model(const NetworkFlags& flags);

/// "1000,1000" as widths. Throws Error.
std::vector<std::int64_t> parse_widths(const std::string& text);

/// Whether a flag ("--epochs") was given, on the command line or by --config.
bool is_given(const Arguments& args, std::string_view flag);

/// What was asked, complete, as `--config` reads it. `instead` are values that flags which were not
/// given have by now, by the flags' names.
std::string config_of(const Arguments& args,
                      const std::map<std::string, std::string, std::less<>>& instead = {});

}  // namespace rectify::cli
