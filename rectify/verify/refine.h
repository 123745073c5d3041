#pragma once

#include "rectify/base/thread_pool.h"
#include "rectify/verify/columns.h"
#include "rectify/verify/deadline.h"
#include "rectify/verify/record.h"

namespace rectify::verify {

/// How much work refine() does for each bound of a number.
struct RefineSize {
  std::size_t steps = 20;       ///< of the ascent
  std::size_t splits = 0;       ///< decisions of other numbers, at most
  std::size_t split_steps = 3;  ///< of the ascent after a decision
};

/// Narrows the ranges of hidden numbers that may be on both sides of their kinks. Each bound of
/// such a number gets slopes of its own, and a small tree of decisions: the worst leaf is divided
/// again and again, until the number is on one side. Layer after layer, so that later layers gain
/// from earlier ones. A layer is left as it is where this would take too much memory.
///
/// `bounder` and `ranges` are of a narrowed box, that of case `at`. `record`, where there is one,
/// gets how the ranges were found. False where no input of the box is left. Ends
/// early when half of the time is over, with ranges that hold.
bool refine(const Structure& structure, const Box& box, const RefineSize& size, ThreadPool& threads,
            const Deadline& deadline, Bounder& bounder, Ranges& ranges, Record* record = nullptr,
            std::uint32_t at = 0);

}  // namespace rectify::verify
