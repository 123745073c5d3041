#include "rectify/train/optimise/sweep.h"

#include <algorithm>

#include "rectify/base/instruction_set.h"
#include "rectify/base/thread_pool.h"

namespace rectify::train {

#define RECTIFY_DECLARE(isa)  \
  namespace isa {             \
  extern const Sweeps sweeps; \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE

const Sweeps& sweeps() {
#define RECTIFY_CHOOSE(isa) \
  if (instruction_set() == #isa) return isa::sweeps;
  RECTIFY_FOR_EACH_ISA(RECTIFY_CHOOSE)
#undef RECTIFY_CHOOSE
  return baseline::sweeps;
}

void blend(ThreadPool& threads, float* a, const float* b, std::size_t n, float keep, float take) {
  constexpr std::size_t tile_floats = 16384;
  threads.run((n + tile_floats - 1) / tile_floats, [&](std::size_t tile) {
    const std::size_t first = tile * tile_floats;
    sweeps().blend(a + first, b + first, std::min(tile_floats, n - first), keep, take);
  });
}

}  // namespace rectify::train
