#include "rectify/train/sweep.h"

#include "rectify/base/instruction_set.h"

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

}  // namespace rectify::train
