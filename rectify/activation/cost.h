#pragma once

#include "rectify/activation/activation.h"

namespace rectify::activation {

/// The cost of one element on this machine, in nanoseconds and in cycles of the processor's clock.
struct Cost {
  double forward_ns, backward_ns;
  double forward_cycles, backward_cycles;
};

/// Measures the row's kernels for the instruction set of kernels(): forward, and the backward
/// kernel that training would use (from the output where possible). It uses one thread and 4096
/// floats in [-4, 4], which stay in cache, and takes about 20 ms. The fastest of many short
/// repetitions counts, because every disturbance makes a repetition slower. The clock is measured
/// between them, with a chain of dependent additions that takes one cycle for each.
Cost measure_cost(const Row& row, const Parameters& p);

/// The length of one cycle of this processor's clock now, in nanoseconds; takes about a
/// millisecond.
double cycle_ns();

}  // namespace rectify::activation
