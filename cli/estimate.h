#pragma once

#include <chrono>

#include "cli/terminal.h"

namespace rectify::cli {

/// Shows the progress of a work of which the share `done_before` was done earlier, with an estimate
/// of what the rest takes. The terminal must outlive it.
inline ProgressCallback with_estimate(Terminal& terminal, double done_before) {
  const auto start = std::chrono::steady_clock::now();
  return [&terminal, start, done_before](const Progress& p) {
    Progress shown = p;
    const double seconds =
        std::chrono::duration<double>(std::chrono::steady_clock::now() - start).count();
    constexpr double too_early = 1;  // the first steps also pay for what is done once
    if (p.done > done_before && seconds > too_early)
      shown.seconds_left = seconds * (1 - p.done) / (p.done - done_before);
    terminal.show(shown);
  };
}

}  // namespace rectify::cli
