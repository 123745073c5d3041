#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "cli/arguments.h"
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

/// The flags of train::Options that train and compare share, and `--lr` as a word.
struct TrainingFlags {
  train::Options options;
  std::string lr;  ///< a number, or "auto"
};
void declare_training(Arguments args, TrainingFlags& flags, const std::string& initial_lr);

/// Whether a search is asked for; otherwise sets options.lr. Throws Error for what is no number.
bool wants_search(TrainingFlags& flags);

/// A check of a value: a whole number that is not negative.
std::string check_seed(const std::string& text);

/// A network: one of its own, or widths of hidden layers.
struct NetworkFlags {
  static constexpr const char* usual_hidden = "256,256";
  std::string model, hidden = usual_hidden;
};

/// --model, with more to say of it, and --hidden.
void declare_network(Arguments args, NetworkFlags& flags, const std::string& more);

/// The text of --model, empty without it. Throws Error for what is no network, and where both are
/// given.
std::string own_model(const NetworkFlags& flags);

/// "1000,1000" as widths. Throws Error.
std::vector<std::int64_t> parse_widths(const std::string& text);

/// What was asked, complete, as `--config` reads it.
std::string config_of(const Arguments& args);

/// `text` in quotes where a shell would need them.
std::string shell_word(const std::string& text);

}  // namespace rectify::cli
