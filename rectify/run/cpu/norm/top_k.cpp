#include "rectify/run/cpu/norm/top_k.h"

#include "rectify/base/instruction_set.h"

namespace rectify::run::cpu {

RECTIFY_CHOOSE_BY_ISA(TopKLoops, top_k_loops)

}  // namespace rectify::run::cpu
