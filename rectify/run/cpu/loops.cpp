#include "rectify/run/cpu/loops.h"

#include "rectify/base/instruction_set.h"

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

}  // namespace rectify::run::cpu
