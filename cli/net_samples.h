#pragma once

#include <cstdint>
#include <string>

#include "cli/arguments.h"
#include "cli/terminal.h"

namespace rectify::cli {

/// What `sample` takes for a belief net.
struct NetSampleFlags {
  std::int64_t count = 64;
  int steps = 1000;
  std::uint64_t seed = 1;
  std::string out;
};
/// --steps and --out.
void declare_net_samples(Arguments args, NetSampleFlags& flags);

/// Draws samples of the stack at `model` into a picture (.png), a table (.csv) or an array (.npy),
/// as the name of the file says; without one, a table or JSON on standard output. Returns the exit
/// code.
int draw_net_samples(const std::string& model, const NetSampleFlags& flags, Terminal& terminal);

}  // namespace rectify::cli
