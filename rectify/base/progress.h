#pragma once

#include <functional>
#include <string>

namespace rectify {

/// What the library reports while it works. The caller decides whether and how to show it.
struct Progress {
  std::string text;          ///< the current work, e.g. "relu, seed 2: epoch 3 of 20"
  double done = 0;           ///< the finished share of the whole work, in [0, 1]
  double seconds_left = -1;  ///< estimated time to the end; negative while unknown
  bool milestone = false;    ///< gets its own line where there is no live display
};

using ProgressCallback = std::function<void(const Progress&)>;

/// A function that is called between steps. When it returns true, the library saves what is needed
/// to resume, and stops.
using StopCallback = std::function<bool()>;

}  // namespace rectify
