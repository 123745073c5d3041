#include "rectify/diagnose/tally.h"

// Everything here has internal linkage or lives in a namespace of its instruction set: the linker
// must not merge it with code built for another.

namespace rectify::diagnose::RECTIFY_ISA {

namespace {

void add_sample(const float* __restrict z, const float* __restrict y, const float* __restrict slope,
                float flat_below, std::size_t n, GroupSums& __restrict to) {
  for (std::size_t u = 0; u < n; ++u) {
    to.firing[u] += slope[u] != 0;
    to.flat[u] += __builtin_fabsf(slope[u]) < flat_below;
    to.zeros[u] += y[u] == 0;
  }
  for (std::size_t u = 0; u < n; ++u) {
    const float off = z[u] - to.pivot[u];
    to.sum[u] += off;
    to.squares[u] += off * off;
    to.output_sum[u] += y[u];
    to.output_squares[u] += y[u] * y[u];
    to.smallest[u] = z[u] < to.smallest[u] ? z[u] : to.smallest[u];
    to.largest[u] = z[u] > to.largest[u] ? z[u] : to.largest[u];
  }
}

/// Sixteen sums side by side, so that the compiler may take them at once.
double product(const float* a, const float* b, std::size_t n) {
  constexpr std::size_t lanes = 16;
  float sums[lanes] = {};
  std::size_t i = 0;
  for (; i + lanes <= n; i += lanes)
    for (std::size_t l = 0; l < lanes; ++l) sums[l] += a[i + l] * b[i + l];
  double sum = 0;
  for (const float lane : sums) sum += lane;
  for (; i < n; ++i) sum += static_cast<double>(a[i]) * b[i];
  return sum;
}

}  // namespace

extern const TallyLoops tally_loops;
const TallyLoops tally_loops = {add_sample, product};

}  // namespace rectify::diagnose::RECTIFY_ISA
