#pragma once

#include "cli/robustness.h"
#include "cli/terminal.h"
#include "rectify/verify/property.h"
#include "rectify/verify/verify.h"

namespace rectify::cli {

/// What `rectify verify` asks about all inputs of a box.
struct FactFlags : RobustFlags {
  std::string box;       ///< empty: the range of the data
  std::string monotone;  ///< a feature
  std::string output;    ///< of --monotone: a class
  bool decreasing = false;
  bool range = false, lipschitz = false, dead = false;
};

/// What a search may take, and whom it tells how far it is.
verify::Limits limits_for(const FactFlags& flags, Terminal& terminal);

/// Proves that an output never falls (or rises) along a feature, or shows two inputs with which it
/// does. Prints the answer and returns it. Throws Error.
verify::Answer prove_monotone(const FactFlags& flags, Terminal& terminal);

/// Prints bounds of each output, or of how steep it is, beside what was found; or which units never
/// fire. Throws Error.
void show_ranges(const FactFlags& flags, Terminal& terminal);
void show_steepness(const FactFlags& flags, Terminal& terminal);
void show_dead_units(const FactFlags& flags, Terminal& terminal);

}  // namespace rectify::cli
