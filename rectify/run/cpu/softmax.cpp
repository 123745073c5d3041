#include "rectify/run/cpu/softmax.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

#define RECTIFY_DECLARE(isa)               \
  namespace isa {                          \
  extern const SoftmaxLoops softmax_loops; \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE

const SoftmaxLoops& softmax_loops() {
#define RECTIFY_CHOOSE(isa) \
  if (instruction_set() == #isa) return isa::softmax_loops;
  RECTIFY_FOR_EACH_ISA(RECTIFY_CHOOSE)
#undef RECTIFY_CHOOSE
  return baseline::softmax_loops;
}

}  // namespace rectify::run::cpu
