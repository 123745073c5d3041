#pragma once

#include "cli/flags.h"
#include "cli/loading.h"
#include "cli/terminal.h"
#include "rectify/verify/sample_attack.h"

namespace rectify::cli {

/// What `rectify verify --robust` asks.
struct RobustFlags : CommonFlags, ModelFlags {
  double eps = 0;
  verify::Norm norm = verify::Norm::inf;
  std::int64_t count = 100;  ///< of the split's first samples
  double timeout = 0;        ///< seconds a sample
  bool fail = false;         ///< the exit code says what was found
};

/// Judges samples one after the other, and shows what became of them. With --out, a folder keeps
/// each one that is finished, so that the same command goes on where it was stopped, and gets a
/// page. Returns the exit code. Throws Error, and lab::Stopped where it is interrupted.
int judge_robustness(const RobustFlags& flags, Terminal& terminal);

}  // namespace rectify::cli
