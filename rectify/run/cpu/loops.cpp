#include "rectify/run/cpu/loops.h"

#include <vector>

#include "rectify/base/instruction_set.h"
#include "rectify/run/cpu/kernel.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(Loops, loops)

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
