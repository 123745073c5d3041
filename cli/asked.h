#pragma once

#include <map>
#include <string>

#include "cli/flags.h"

namespace rectify::cli {

/// The training that somebody asks for: what `train` does and `preflight` looks at.
struct AskedFlags : CommonFlags, TrainingFlags, NetworkFlags {
  std::string activation = "relu";
};

/// --model, --hidden, --activation and all options of training.
void declare_asked(Arguments args, AskedFlags& flags);

/// The data of an asked training, with the flags completed by what suits them.
struct Asked {
  data::Dataset dataset;
  bool search = false;                                     ///< of the rate
  std::map<std::string, std::string, std::less<>> suited;  ///< flags that the data changed
};

/// Checks the flags, opens the data and completes AskedFlags::options. Throws Error.
Asked open_asked(const Arguments& args, AskedFlags& flags, ThreadPool& threads);

}  // namespace rectify::cli
