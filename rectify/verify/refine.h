#pragma once

#include "rectify/base/thread_pool.h"
#include "rectify/verify/columns.h"
#include "rectify/verify/deadline.h"

namespace rectify::verify {

/// How much work refine() does for a number.
struct RefineSize {
  std::size_t steps = 20;  ///< of the ascent of its bounds
};

/// Narrows the ranges of hidden numbers that may be on both sides of their kinks: each of their
/// bounds gets slopes of its own, layer after layer, so that later layers gain from earlier ones.
/// `bounder` and `ranges` are of a narrowed box. False where no input of the box is left. Ends
/// early when the time is over, with ranges that hold.
bool refine(const Structure& structure, const Box& box, const RefineSize& size, ThreadPool& threads,
            const Deadline& deadline, Bounder& bounder, Ranges& ranges);

}  // namespace rectify::verify
