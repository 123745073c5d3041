#include "rectify/run/cpu/loops.h"

#include <vector>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu {

#define RECTIFY_DECLARE(isa) \
  namespace isa {            \
  extern const Loops loops;  \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE

const Loops& loops() {
#define RECTIFY_CHOOSE(isa) \
  if (instruction_set() == #isa) return isa::loops;
  RECTIFY_FOR_EACH_ISA(RECTIFY_CHOOSE)
#undef RECTIFY_CHOOSE
  return baseline::loops;
}

float largest_magnitude(const float* x, Element element, std::size_t size, ThreadPool& threads) {
  std::vector<float> most((size + tile_elements - 1) / tile_elements);
  const auto* narrow = reinterpret_cast<const bfloat16*>(x);
  for_elements(threads, size, [&](std::size_t first, std::size_t n) {
    most[first / tile_elements] = element == Element::bfloat16
                                      ? loops().largest_magnitude_bfloat16(narrow + first, n)
                                      : loops().largest_magnitude(x + first, n);
  });
  return loops().largest_magnitude(most.data(), most.size());
}

}  // namespace rectify::run::cpu
