#pragma once

#include <array>
#include <string_view>
#include <vector>

namespace rectify::bench {

/// An operation on floats, in one of the ways of doing it.
struct Operation {
  std::string_view name;  ///< add, multiply, compare, divide, exp, log
  /// latency: each waits for the one before; scalar: they do not; ours, libmvec: an array in the
  /// first cache, by vectors as wide as the processor has.
  std::string_view way;
  double (*run)(long rounds);  ///< returns how many elements it did
};

/// Those that this processor can do. Rectify's log is of numbers in [1, 2], all that it needs.
std::vector<Operation> operations();

/// Does that many additions of integers, each of which waits for the one before: a cycle each.
void wait_cycles(long cycles);

/// A loop of bench/cycles.kernel.cpp.
struct ArrayLoop {
  const char* name;
  double (*run)(long rounds);
};
using ArrayLoops = std::array<ArrayLoop, 6>;

/// Those of the instruction set in force.
const ArrayLoops& array_loops();

}  // namespace rectify::bench
