#pragma once

#include "rectify/base/thread_pool.h"
#include "rectify/train/options.h"

namespace rectify::lab {

/// The limits of the processor with as many threads as measure_roofline() was given.
struct Roofline {
  double flops = 0;  ///< multiply-adds a second in registers, each counted as two
  double bytes = 0;  ///< read from memory a second
  /// The shortest time for this much work: the longer one of computing it and of moving its bytes.
  double seconds(double flops_done, double bytes_moved) const;
};

/// Measures the processor for products of that precision, in about half a second.
Roofline measure_roofline(train::Precision precision, ThreadPool& threads);

}  // namespace rectify::lab
