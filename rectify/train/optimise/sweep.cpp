#include "rectify/train/optimise/sweep.h"

#include <algorithm>

#include "rectify/base/instruction_set.h"
#include "rectify/base/thread_pool.h"

namespace rectify::train {

RECTIFY_CHOOSE_BY_ISA(Sweeps, sweeps)

void blend(ThreadPool& threads, float* a, const float* b, std::size_t n, float keep, float take) {
  constexpr std::size_t per_tile = 16384;
  threads.run((n + per_tile - 1) / per_tile, [&](std::size_t tile) {
    const std::size_t first = tile * per_tile;
    sweeps().blend(a + first, b + first, std::min(per_tile, n - first), keep, take);
  });
}

}  // namespace rectify::train
