#include "rectify/run/cpu/loops.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(Loops, loops)

}  // namespace rectify::run::cpu
