#include "rectify/diagnose/unit_tally.h"

#include <algorithm>
#include <cmath>
#include <limits>

namespace rectify::diagnose {

namespace {

constexpr std::size_t group_size = static_cast<std::size_t>(model::Slope::most);

}  // namespace

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
  threads.run((units() + group_size - 1) / group_size,
              [&](std::size_t g) { add_group(z, y, slope, flat_below, g * group_size); });
  samples += z.size() / units();
}

void UnitTally::add_group(std::span<const float> z_all, std::span<const float> y_all,
                          const model::Slope& slope_of, float flat_below, std::size_t first) {
  const std::size_t n = std::min(group_size, units() - first), batch = z_all.size() / units();
  float slope[group_size], low[group_size], high[group_size];
  float sums[group_size] = {}, square_sums[group_size] = {};
  float outputs[group_size] = {}, output_square_sums[group_size] = {};
  std::int32_t fires[group_size] = {}, flats[group_size] = {}, nulls[group_size] = {};
  const float* pivots = pivot.data() + first;
  std::copy_n(smallest.begin() + static_cast<std::ptrdiff_t>(first), n, low);
  std::copy_n(largest.begin() + static_cast<std::ptrdiff_t>(first), n, high);
  for (std::size_t b = 0; b < batch; ++b) {
    const std::size_t at = b * units() + first;
    const float* z = z_all.data() + at;
    const float* y = y_all.data() + at;
    slope_of(static_cast<std::int64_t>(at), static_cast<std::int64_t>(first),
             static_cast<std::int64_t>(n), slope);
    for (std::size_t u = 0; u < n; ++u) {
      fires[u] += slope[u] != 0;
      flats[u] += std::abs(slope[u]) < flat_below;
      nulls[u] += y[u] == 0;
    }
    for (std::size_t u = 0; u < n; ++u) {
      const float off = z[u] - pivots[u];
      sums[u] += off;
      square_sums[u] += off * off;
      outputs[u] += y[u];
      output_square_sums[u] += y[u] * y[u];
      low[u] = z[u] < low[u] ? z[u] : low[u];
      high[u] = z[u] > high[u] ? z[u] : high[u];
    }
  }
  for (std::size_t u = 0; u < n; ++u) {
    firing[first + u] += fires[u];
    flat[first + u] += flats[u];
    zeros[first + u] += nulls[u];
    sum[first + u] += sums[u];
    squares[first + u] += square_sums[u];
    output_sum[first + u] += outputs[u];
    output_squares[first + u] += output_square_sums[u];
    smallest[first + u] = low[u];
    largest[first + u] = high[u];
  }
}

}  // namespace rectify::diagnose
