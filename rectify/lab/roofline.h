#pragma once

#include <string>

#include "rectify/base/thread_pool.h"

namespace rectify::lab {

/// What the processor can do at most, with as many threads as measure_roofline() was given.
struct Roofline {
  double flops = 0;  ///< multiply-adds a second in registers, each counted as two
  double bytes = 0;  ///< read from memory a second
  /// The least seconds that this much work takes: the longer of computing and moving.
  double seconds(double flops_done, double bytes_moved) const;
};

/// Measures the processor, in about half a second. `precision`, of products: fp32, bf16.
Roofline measure_roofline(const std::string& precision, ThreadPool& threads);

}  // namespace rectify::lab
