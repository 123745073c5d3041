#include "rectify/run/cpu/sparse/narrow_loops.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(NarrowLoops, narrow_loops)

}  // namespace rectify::run::cpu
