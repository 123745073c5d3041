#include "rectify/run/cpu/attention.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

#define RECTIFY_DECLARE(isa)                   \
  namespace isa {                              \
  extern const AttentionLoops attention_loops; \
  }
RECTIFY_FOR_EACH_ISA(RECTIFY_DECLARE)
#undef RECTIFY_DECLARE

const AttentionLoops& attention_loops() {
#define RECTIFY_CHOOSE(isa) \
  if (instruction_set() == #isa) return isa::attention_loops;
  RECTIFY_FOR_EACH_ISA(RECTIFY_CHOOSE)
#undef RECTIFY_CHOOSE
  return baseline::attention_loops;
}

}  // namespace rectify::run::cpu
