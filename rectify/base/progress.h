#pragma once

#include <functional>
#include <string>

namespace rectify {

/// What the library tells a caller while it works; the caller decides whether and how to show it.
struct Progress {
  std::string text;          ///< what is going on, e.g. "relu, seed 2: epoch 3 of 20"
  double done = 0;           ///< share of the whole work that is done, in [0, 1]
  double seconds_left = -1;  ///< estimate for the rest; negative while there is none
  bool milestone = false;    ///< worth a line of its own where there is no live display
};

using ProgressCallback = std::function<void(const Progress&)>;

/// Asked between steps; true means: save what is needed to resume, and stop.
using StopCallback = std::function<bool()>;

}  // namespace rectify
