#include "rectify/diagnose/unit_tally.h"

#include <algorithm>
#include <limits>

#include "rectify/base/instruction_set.h"
#include "rectify/diagnose/tally.h"

namespace rectify::diagnose {

RECTIFY_CHOOSE_BY_ISA(TallyLoops, tally_loops)

static_assert(GroupSums::most <= model::Slope::most);

UnitTally::UnitTally(std::size_t units)
    : firing(units),
      flat(units),
      zeros(units),
      sum(units),
      squares(units),
      output_sum(units),
      output_squares(units),
      pivot(units),
      smallest(units, std::numeric_limits<float>::infinity()),
      largest(units, -std::numeric_limits<float>::infinity()) {}

// Units are dealt out in fixed groups; each group goes over all samples of the batch.
void UnitTally::add(std::span<const float> z, std::span<const float> y, const model::Slope& slope,
                    float flat_below, ThreadPool& threads) {
  if (samples == 0) std::copy_n(z.begin(), units(), pivot.begin());
  constexpr std::size_t group = GroupSums::most;
  threads.run((units() + group - 1) / group,
              [&](std::size_t g) { add_group(z, y, slope, flat_below, g * group); });
  samples += z.size() / units();
}

void UnitTally::add_group(std::span<const float> z, std::span<const float> y,
                          const model::Slope& slope_of, float flat_below, std::size_t first) {
  const std::size_t n = std::min(GroupSums::most, units() - first), batch = z.size() / units();
  GroupSums sums;
  std::copy_n(&pivot[first], n, sums.pivot);
  std::copy_n(&smallest[first], n, sums.smallest);
  std::copy_n(&largest[first], n, sums.largest);
  float slope[GroupSums::most];
  for (std::size_t b = 0; b < batch; ++b) {
    const std::size_t at = b * units() + first;
    slope_of(static_cast<std::int64_t>(at), static_cast<std::int64_t>(first),
             static_cast<std::int64_t>(n), slope);
    tally_loops().add_sample(&z[at], &y[at], slope, flat_below, n, sums);
  }
  std::copy_n(sums.smallest, n, &smallest[first]);
  std::copy_n(sums.largest, n, &largest[first]);
  for (std::size_t u = 0; u < n; ++u) {
    firing[first + u] += sums.firing[u];
    flat[first + u] += sums.flat[u];
    zeros[first + u] += sums.zeros[u];
    sum[first + u] += sums.sum[u];
    squares[first + u] += sums.squares[u];
    output_sum[first + u] += sums.output_sum[u];
    output_squares[first + u] += sums.output_squares[u];
  }
}

}  // namespace rectify::diagnose
