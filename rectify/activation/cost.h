#pragma once

#include "rectify/activation/activation.h"

namespace rectify::activation {

/// What one element costs on this machine, in nanoseconds and in cycles of its clock.
struct Cost {
  double forward_ns, backward_ns;
  double forward_cycles, backward_cycles;
};

/// Times the row's loops for the instruction set that kernels() answers with, forward and the
/// backward that training would take (from the output where that tells the derivative), on one
/// thread over 4096 floats in [-4, 4] that stay in cache. Takes about 20 ms; of many short
/// repetitions the fastest counts, because everything that disturbs one makes it slower. The clock
/// is found between them by a chain of additions that each wait for the one before, one a cycle.
Cost measure_cost(const Row& row, const Parameters& p);

/// The time of one cycle of this processor's clock now, in nanoseconds; takes about a millisecond.
double cycle_ns();

}  // namespace rectify::activation
